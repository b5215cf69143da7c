// Credentials: who may come in, until when; issue and revoke.
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { KeyRound } from "lucide-react";
import { api, ask } from "@/api/client";
import type { Schemas } from "@/api/types";
import { Confirm } from "@/pages/operators/parts/confirm";
import { useNews } from "@/pages/operators/parts/news";
import { PagedView, usePaged } from "@/pages/operators/parts/paged";
import { Cell, Row, Table } from "@/pages/operators/parts/table";
import { useMe } from "@/shell/me";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Section } from "@/ui/page";
import { Empty } from "@/ui/states";
import { Ago, useNow } from "@/ui/time";
import { tell } from "@/ui/toast";
import { IssueToken, tokensKey } from "./issue-token";

type Token = Schemas["TokenRow"];

export function Tokens() {
  const paged = usePaged(tokensKey, (cursor) => ask(api.GET("/api/tokens", { params: { query: cursor === undefined ? {} : { cursor } } })));
  useNews(["token"], tokensKey);
  const admin = useMe()?.role === "admin";
  const now = useNow();
  const [all, setAll] = useState(false);
  const [issuing, setIssuing] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const over = (token: Token) => token.revoked || (typeof token.expires_at === "number" && token.expires_at <= now);
  return (
    <Section
      title={admin ? "Tokens of everybody" : "Your tokens"}
      actions={
        <>
          <label className="flex items-center gap-1.5 text-xs text-soft">
            <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />
            Show ended ones
          </label>
          <Button small icon={<KeyRound size={13} aria-hidden />} onClick={() => setIssuing(true)}>
            Issue a token
          </Button>
        </>
      }
    >
      <PagedView paged={paged} what="tokens" empty={<Empty title="There are no tokens" />}>
        {(tokens) => {
          const shown = tokens.filter((token) => all || !over(token));
          if (shown.length === 0) return <Empty title="All of them have ended">Show the ended ones, or issue a new one.</Empty>;
          return (
            <Table label="Tokens" head={["Name", "May do", ...(admin ? ["Whose"] : []), "Issued", "Ends", <span key="do" className="sr-only">Do</span>]}>
              {shown.map((token) => (
                <Row key={token.id} faded={over(token)}>
                  <Cell className="font-medium">{token.name}</Cell>
                  <Cell>
                    <May token={token} />
                  </Cell>
                  {admin && <Cell>{token.user_name}</Cell>}
                  <Cell className="whitespace-nowrap">
                    <Ago at={token.created_at} />
                  </Cell>
                  <Cell className="whitespace-nowrap">
                    {token.revoked ? <Badge tone="bad">revoked</Badge> : typeof token.expires_at === "number" ? <Ago at={token.expires_at} /> : "never"}
                  </Cell>
                  <Cell className="text-right">
                    {!over(token) && (
                      <Button small look="danger" aria-label={`Revoke ${token.name}`} onClick={() => setRevoking(token)}>
                        Revoke
                      </Button>
                    )}
                  </Cell>
                </Row>
              ))}
            </Table>
          );
        }}
      </PagedView>
      {issuing && <IssueToken onClose={() => setIssuing(false)} />}
      {revoking !== null && <Revoke token={revoking} onClose={() => setRevoking(null)} />}
    </Section>
  );
}

function May({ token }: { token: Token }) {
  const runners = runnerWords(token);
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      <Badge tone={token.role === "admin" ? "accent" : token.role === "runner" ? "busy" : "plain"}>{token.role}</Badge>
      {runners !== null && <span className="text-xs text-soft">{runners}</span>}
    </span>
  );
}

function runnerWords(token: Token): string | null {
  if (token.role !== "runner") return null;
  if (typeof token.pool === "string") return `pool ${token.pool}`;
  return typeof token.runner === "string" ? `runner ${token.runner.slice(0, 8)}` : "the first to say hello";
}

function Revoke({ token, onClose }: { token: Token; onClose: () => void }) {
  const cache = useQueryClient();
  const revoke = async () => {
    await ask(api.DELETE("/api/tokens/{id}", { params: { path: { id: token.id } } }));
    tell.done(`The token ${token.name} was revoked.`);
    await cache.invalidateQueries({ queryKey: tokensKey });
  };
  return (
    <Confirm title={`Revoke ${token.name}?`} does="Revoke" act={revoke} onClose={onClose}>
      <p>It is good for nothing from then on, and every connection that it opened ends at once. This cannot be undone.</p>
      <p className="text-soft">If this browser is signed in with it, you have to sign in again.</p>
    </Confirm>
  );
}
