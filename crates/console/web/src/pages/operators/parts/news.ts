import { useEffect } from "react";
import type { QueryKey } from "@tanstack/react-query";
import { useQueryClient } from "@tanstack/react-query";
import { feed } from "@/live/feed";

/** Has what was read be read again whenever the feed tells of one of these lists. */
export function useNews(lists: readonly string[], key: QueryKey): void {
  const cache = useQueryClient();
  const [list, read] = [lists.join(), JSON.stringify(key)];
  useEffect(() => {
    const wanted = new Set(list.split(","));
    const told = JSON.parse(read) as unknown[];
    return feed.listen((event) => {
      const of = event.type === "row" ? event.row.list : event.type === "row.gone" || event.type === "list" ? event.list : undefined;
      // A whole picture may hold anything.
      if (event.type === "snapshot" || (of !== undefined && wanted.has(of))) void cache.invalidateQueries({ queryKey: told });
    });
  }, [cache, list, read]);
}
