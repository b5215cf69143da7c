import type { ButtonHTMLAttributes, ReactNode } from "react";
import { cx } from "./classes";

const looks = {
  primary: "bg-accent text-on-accent hover:opacity-90 border-transparent",
  plain: "bg-surface text-ink border-line hover:bg-sunken",
  quiet: "bg-transparent text-soft border-transparent hover:bg-sunken hover:text-ink",
  danger: "bg-surface text-bad border-line hover:bg-bad-soft",
  approve: "bg-good text-ground hover:opacity-90 border-transparent",
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof looks;
  small?: boolean;
  /** What it starts is under way: it is not started twice. */
  busy?: boolean;
  icon?: ReactNode;
}

export function Button({ look = "plain", small, busy, icon, className, children, disabled, type = "button", ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      disabled={disabled === true || busy === true}
      aria-busy={busy}
      className={cx(
        "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap transition-colors disabled:cursor-not-allowed disabled:opacity-50",
        small ? "h-7 px-2 text-xs" : "h-9 px-3 text-sm",
        looks[look],
        className,
      )}
      {...rest}
    >
      {icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, "icon" | "children"> {
  /** What it does, for those who do not see the picture. */
  label: string;
  children: ReactNode;
}

export function IconButton({ label, className, look = "quiet", small, children, ...rest }: IconButtonProps) {
  return (
    <Button look={look} aria-label={label} title={label} className={cx("px-0!", small ? "w-7" : "w-9", className)} small={small} {...rest}>
      {children}
    </Button>
  );
}
