// Sessions at the left, the chat beside them; on a narrow screen they are two screens.
import { Outlet, useParams } from "@tanstack/react-router";
import { cx } from "@/ui/classes";
import { useTitle } from "@/ui/page";
import { Empty } from "@/ui/states";
import { SessionList } from "./list";

export { Chat } from "./chat";

export function Sessions() {
  const { session } = useParams({ strict: false });
  return (
    <div className="flex h-full min-h-0">
      <div className={cx("min-h-0 w-full shrink-0 border-line bg-surface lg:block lg:w-72 lg:border-r", session !== undefined && "hidden")}>
        <SessionList current={session} />
      </div>
      <div className={cx("min-h-0 min-w-0 flex-1", session === undefined && "hidden lg:block")}>{session === undefined ? <None /> : <Outlet />}</div>
    </div>
  );
}

function None() {
  useTitle("Sessions");
  return (
    <div className="flex h-full items-center justify-center">
      <Empty title="Choose a session">Or open a new one at the left.</Empty>
    </div>
  );
}
