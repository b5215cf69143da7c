// What a definition that is being written would do: in words, with its next times. It is asked when the typing rests.
import { useEffect, useState } from "react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ProblemError } from "@/api/problem";
import { Failure } from "@/ui/states";
import { definition } from "./data";
import { NextTimes } from "./next";
import { Sentence } from "./sentence";

const RESTS_MS = 300;
const TIMES = 8;

/** Returns a value once it has rested. */
export function useRested<T>(value: T): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), RESTS_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

/** Asks what is wrong with a definition. Answers are kept by what was asked, so that none comes to the wrong text. */
export function useValidity(text: string) {
  return useQuery({ queryKey: ["triggers", "validity", text], queryFn: () => definition.validate(text), placeholderData: keepPreviousData, gcTime: 0 });
}

export function Preview({ text, changes }: { text: string; changes: number | null }) {
  const validity = useValidity(text).data;
  const times = useQuery({
    queryKey: ["triggers", "preview", text],
    queryFn: () =>
      definition.preview(text, TIMES).catch((error: unknown) => {
        // What is wrong with it is told at its fields.
        if (error instanceof ProblemError && error.problem.status === 422) return null;
        throw error;
      }),
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  const preview = times.data;
  return (
    <div role="region" aria-label="Preview" aria-live="polite" className="flex flex-col gap-3 rounded-lg bg-sunken p-3 text-sm">
      <h3 className="text-xs font-semibold tracking-wide text-soft uppercase">Preview</h3>
      {times.isError && <Failure error={times.error} />}
      {preview ? <p><Sentence text={preview.words} />.</p> : <p className="text-soft">Once what is written makes sense, its next times stand here.</p>}
      {preview && preview.times.length > 0 && (
        <div className="flex flex-col gap-1">
          <h4 className="text-xs text-soft">Next times{preview.timezone ? `, as the clocks show them (${preview.timezone})` : ""}</h4>
          <NextTimes times={preview.times} label="Next times" />
        </div>
      )}
      {preview && !preview.fires && <p className="text-warn">It is switched off or paused: none of these fires.</p>}
      {validity && !validity.valid && <p className="text-xs text-soft">{validity.mistakes.length === 1 ? "One thing is" : `${validity.mistakes.length} things are`} missing or wrong yet.</p>}
      {changes === 0 && <p className="text-xs text-soft">Nothing is changed yet.</p>}
    </div>
  );
}
