// Lists that come in pages: the first at once, more on a click.
import type { InfiniteData, QueryKey, UseInfiniteQueryResult } from "@tanstack/react-query";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Button } from "@/ui/button";
import { Failure, Loading } from "@/ui/states";

interface PageOf<T> {
  items: T[];
  cursor?: string | null;
}

export type Paged<T> = UseInfiniteQueryResult<InfiniteData<PageOf<T>>>;

/** Reads a list page by page. */
export function usePaged<T>(key: QueryKey, read: (cursor: string | undefined) => Promise<PageOf<T>>): Paged<T> {
  return useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
}

/** Returns all that was read so far. */
export const itemsOf = <T,>(paged: Paged<T>): T[] => paged.data?.pages.flatMap((page) => page.items) ?? [];

interface PagedViewProps<T> {
  paged: Paged<T>;
  what: string;
  empty: ReactNode;
  /** How many are shown that are not in the list. */
  above?: number;
  children: (items: T[]) => ReactNode;
}

/** Shows a list with its states and the way to more of it. */
export function PagedView<T>({ paged, what, empty, above = 0, children }: PagedViewProps<T>) {
  if (paged.isPending) return <Loading what={`Loading ${what}`} />;
  if (paged.isError && paged.data === undefined) return <Failure error={paged.error} onRetry={() => void paged.refetch()} className="m-3" />;
  const items = itemsOf(paged);
  return (
    <>
      {items.length + above === 0 ? empty : children(items)}
      {paged.isFetchNextPageError && <Failure error={paged.error} className="m-3" />}
      {paged.hasNextPage && (
        <div className="border-t border-line p-2 text-center">
          <Button small look="quiet" busy={paged.isFetchingNextPage} onClick={() => void paged.fetchNextPage()}>
            More {what}
          </Button>
        </div>
      )}
    </>
  );
}
