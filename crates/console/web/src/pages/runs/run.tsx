// A run: what became of each step, beside the diagram, now or at any record of its past.
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import type { ApprovalView, ExecutionView } from "@/api/types";
import { flowStates, stepAt, treeOf } from "@/live/run/tree";
import { useLogs, useRun } from "@/live/run/watch";
import { useMe } from "@/shell/me";
import { readSteps } from "@/ui/flow";
import { Page } from "@/ui/page";
import { Empty, Loading } from "@/ui/states";
import { isRunOver } from "@/ui/status";
import { useFollow } from "./follow";
import { Actions, Beside, Facts } from "./header";
import { useStood } from "./past";
import { RetryDialog } from "./retry";
import { Scrubber } from "./scrubber";
import type { Around, Shown } from "./shown";
import { AroundContext } from "./shown";
import { Panels } from "./panels";

export function Run() {
  const { run } = useParams({ from: "/runs/$run" });
  return <Watched key={run} id={run} />;
}

function Watched({ id }: { id: string }) {
  const watched = useRun(id);
  const { run, line } = watched;
  if (run.execution === null) {
    return (
      <Page title="Run">
        {line.is === "ended" ? (
          <Empty title={line.code === "execution_unknown" ? "There is no such run" : "The run cannot be shown"}>{line.why}</Empty>
        ) : line.is === "waiting" ? (
          <Empty title="The server cannot be reached">{line.why} It is tried again by itself.</Empty>
        ) : (
          <Loading what="Loading the run" rows={6} />
        )}
      </Page>
    );
  }
  return <Told execution={run.execution} watched={watched} />;
}

function Told({ execution, watched: { run, line } }: { execution: ExecutionView; watched: ReturnType<typeof useRun> }) {
  const { id } = execution;
  const search = useSearch({ from: "/runs/$run" });
  const navigate = useNavigate({ from: "/runs/$run" });
  const past = useStood(id, run, search.seq);
  const steps = useMemo(() => readSteps(execution.definition), [execution.definition]);
  const shown = useShown(execution, run, past, steps);
  const states = useMemo(() => flowStates(shown.rows.values(), [...shown.approvals.values()]), [shown.rows, shown.approvals]);

  const frame = useRef<HTMLDivElement>(null);
  const over = isRunOver(execution.status);
  const [chosen, setLooked] = useState<string | null>(search.step ?? null);
  const { following, setFollowing, reveal, show } = useFollow(id, frame, setLooked, search.step === undefined);
  const current = shown.past || over ? null : (execution.current ?? null);
  // Who follows the run looks at what is under way.
  const looked = following && current !== null ? current : chosen;
  const [retrying, setRetrying] = useState<{ from: string | null } | null>(null);
  const [logging, setLogging] = useState(0);
  const logs = useLogs(execution.session, logging > 0);
  const mayDecide = useMayDecide();

  const look = useCallback(
    (path: string, focus = true) => {
      setLooked(path);
      setFollowing(false);
      show(path, focus);
      void navigate({ search: (before) => ({ ...before, step: path }), replace: true });
    },
    [navigate, setFollowing, show],
  );
  const onLog = useCallback(() => {
    setLogging((count) => count + 1);
    return () => setLogging((count) => count - 1);
  }, []);

  useAddressed(search.step, show);
  const failed = shown.past || execution.status !== "failed" ? null : (execution.error?.step ?? null);
  useFailure(failed, following, setLooked, show);
  useEffect(() => {
    if (current !== null && following) show(current, false, false);
  }, [current, following, show]);

  const around = useMemo((): Around => {
    const onRetry = shown.past || !over || execution.status === "completed" ? undefined : (from: string) => setRetrying({ from });
    return { shown, looked, onLook: (path) => look(path, false), reveal, onRetry, logs, onLog, mayDecide };
  }, [shown, looked, look, reveal, over, execution.status, logs, onLog, mayDecide]);
  const at = (seq: number | undefined) => void navigate({ search: ({ seq: _, ...rest }) => (seq === undefined ? rest : { ...rest, seq }), replace: search.seq !== undefined });

  return (
    <AroundContext value={around}>
      <Page
        title={execution.name}
        beside={<Beside run={execution} line={line} />}
        actions={<Actions run={execution} onRetry={() => setRetrying({ from: null })} />}
        below={<Facts run={execution} />}
        bare
      >
        <Panels
          frame={frame}
          changes={run.changes}
          reaches={run.reaches}
          steps={steps}
          states={states}
          following={following || current === null ? null : () => setFollowing(true)}
          onLook={look}
          onPlace={(place) => look(stepAt(shown.tree, place) ?? place)}
          onAll={() => setLooked(null)}
        />
        <Scrubber
          {...past}
          onBegin={() => at(Number.MAX_SAFE_INTEGER)}
          onPlace={(place) => at(past.records[place]?.seq)}
          onLive={() => at(undefined)}
        />
        {retrying !== null && <RetryDialog run={execution} tree={shown.tree} from={retrying.from} onClose={() => setRetrying(null)} />}
      </Page>
    </AroundContext>
  );
}

type Steps = ReturnType<typeof readSteps>;

/** What is on the screen: the run as it stands, or as it stood. */
function useShown(run: ExecutionView, { rows, decided }: ReturnType<typeof useRun>["run"], past: ReturnType<typeof useStood>, steps: Steps): Shown {
  return useMemo(() => {
    const stood = past.stood;
    const of = stood ?? { rows, decided };
    const approvals = new Map((stood === null ? run.approvals : []).map((approval) => [approval.id, approval]));
    const last = past.place !== null && past.place === past.records.length - 1;
    return { run, rows: of.rows, decided: of.decided, approvals, tree: treeOf(steps, of.rows.values()), past: stood !== null, over: isRunOver(run.status) && (stood === null || last) };
  }, [run, rows, decided, past.stood, past.place, past.records.length, steps]);
}

function useMayDecide(): (approval: ApprovalView) => boolean {
  const me = useMe()?.name;
  return useCallback((approval) => approval.may_decide.length === 0 || (me !== undefined && approval.may_decide.includes(me)), [me]);
}

/** Shows the step that the address names, once. */
function useAddressed(step: string | undefined, show: (path: string, focus?: boolean) => void): void {
  const done = useRef(false);
  useEffect(() => {
    if (done.current) return;
    done.current = true;
    if (step !== undefined) show(step, true);
  }, [step, show]);
}

/** Opens and focuses the step that a run has failed in, unless somebody looks elsewhere. */
function useFailure(failed: string | null, following: boolean, onLook: (path: string) => void, show: (path: string, focus?: boolean) => void): void {
  const told = useRef<string | null>(null);
  useEffect(() => {
    if (failed === null || told.current === failed) return;
    told.current = failed;
    if (!following) return;
    onLook(failed);
    show(failed, true);
  }, [failed, following, onLook, show]);
}
