#!/bin/sh
# A small server of the Model Context Protocol on its standard input and output; what it does is named by the tool.
# FAKE_GREETS=false has it never greet, FAKE_LOG names a file to which every call is noted as it comes.
echo "serving with $FAKE_TOKEN" >&2

answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$1"; }
text() { answer "{\"content\":[{\"type\":\"text\",\"text\":\"$1\"}]}"; }
tool() { printf '{"name":"%s","description":"For a test.","inputSchema":{"type":"object"}}' "$1"; }

while IFS= read -r line; do
  id=$(printf %s "$line" | sed -n 's/^{"jsonrpc":"2.0","id":\([0-9]*\),.*/\1/p')
  case $line in
    *'"method":"initialize"'*)
      [ "$FAKE_GREETS" = false ] && continue
      version=$(printf %s "$line" | sed -n 's/.*"protocolVersion":"\([^"]*\)".*/\1/p')
      answer "{\"protocolVersion\":\"$version\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"small\",\"version\":\"1\"}}" ;;
    *'"method":"tools/list"'*)
      list=
      for name in pid env child refuse fail hang die flood look; do list="$list,$(tool $name)"; done
      answer "{\"tools\":[${list#,}]}" ;;
    *'"method":"tools/call"'*)
      name=$(printf %s "$line" | sed -n 's/.*"name":"\([a-z]*\)".*/\1/p')
      [ -n "$FAKE_LOG" ] && echo "$name" >>"$FAKE_LOG"
      case $name in
        pid) text $$ ;;
        env) text "$FAKE_TOKEN in $PWD with ${TENURE_TOKEN:-nothing}" ;;
        child) sleep 600 >/dev/null 2>&1 & text $! ;;
        look) text "$(ls "$FAKE_LOOK" 2>&1 | tr -d '"\n')" ;;
        refuse) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32602,"message":"the field x is missing"}}\n' "$id" ;;
        fail) answer '{"isError":true,"content":[{"type":"text","text":"the disk is full"}]}' ;;
        hang) ;;
        die) echo "oh no, $FAKE_TOKEN" >&2; exit 3 ;;
        flood) tr '\0' x </dev/zero ;;
      esac ;;
  esac
done
