import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import type { Me } from "@/api/types";

export const meKey = ["me"] as const;

/** Returns who is signed in, once it is known. */
export function useMe(): Me | undefined {
  return useQuery({ queryKey: meKey, queryFn: () => ask(api.GET("/api/me")) }).data;
}
