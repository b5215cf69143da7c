import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes, TextareaHTMLAttributes } from "react";
import { useId } from "react";
import { cx } from "./classes";

export const inputLook =
  "w-full rounded-md border border-line-strong bg-surface px-2.5 py-1.5 text-sm text-ink disabled:opacity-60 aria-invalid:border-bad";

interface FieldProps {
  label: string;
  /** Explains it before anything is wrong. */
  hint?: ReactNode;
  /** What is wrong with it. */
  error?: string | null;
  /** Gets the ids that join the control to its words. */
  children: (control: { id: string; "aria-describedby": string | undefined; "aria-invalid": boolean | undefined }) => ReactNode;
  className?: string;
}

/** A control with its label, and what is to be said about it. */
export function Field({ label, hint, error, children, className }: FieldProps) {
  const id = useId();
  const told = error ?? hint;
  return (
    <div className={cx("flex flex-col gap-1", className)}>
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({ id, "aria-describedby": told ? `${id}-told` : undefined, "aria-invalid": error ? true : undefined })}
      {told && (
        <p id={`${id}-told`} className={cx("text-xs", error ? "text-bad" : "text-soft")}>
          {told}
        </p>
      )}
    </div>
  );
}

export function Input({ className, ...rest }: InputHTMLAttributes<HTMLInputElement>) {
  return <input className={cx(inputLook, "h-9", className)} {...rest} />;
}

export function Textarea({ className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return <textarea className={cx(inputLook, "min-h-20", className)} {...rest} />;
}

export function Select({ className, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <select className={cx(inputLook, "h-9", className)} {...rest}>
      {children}
    </select>
  );
}
