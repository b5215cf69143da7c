import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";

export const connectorsKey = ["connectors"] as const;

/** The connectors of the one who is signed in, and how it stood with them when it was asked. */
export function useConnectors() {
  return useQuery({ queryKey: connectorsKey, queryFn: () => ask(api.GET("/api/connectors")) });
}
