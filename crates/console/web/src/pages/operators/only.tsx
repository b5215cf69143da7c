// Keeps the operators' pages for administrators, and says to others why they see nothing.
import type { ReactNode } from "react";
import { Link } from "@tanstack/react-router";
import { useMe } from "@/shell/me";
import { Page } from "@/ui/page";
import { Empty, Loading } from "@/ui/states";

export function OperatorsOnly({ children }: { children: ReactNode }) {
  const me = useMe();
  if (me === undefined) return <Loading what="Who is signed in" />;
  if (me.role === "admin") return children;
  return (
    <Page title="Operators">
      <Empty
        title="This is for administrators"
        action={
          <Link to="/sessions" className="text-accent underline">
            Go to your sessions
          </Link>
        }
      >
        You are signed in as {me.name}, with a token of the role {me.role}. Here one sees what belongs to everybody: an administrator can issue a token of the role admin to you, if your
        account has that right.
      </Empty>
    </Page>
  );
}
