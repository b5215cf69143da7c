export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden className="shrink-0">
      <rect width="32" height="32" rx="8" fill="#3b5bdb" />
      <path d="M8 10h16M16 10v13" stroke="#fff" strokeWidth="3.5" strokeLinecap="round" />
      <circle cx="24" cy="22" r="2.5" fill="#8ce99a" />
    </svg>
  );
}
