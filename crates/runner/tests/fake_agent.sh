#!/bin/sh
# An agent that speaks the Agent Client Protocol, one JSON object a line, and does one thing per prompt.
# It is written without any library, so that it checks the runner's side and not a common one.
session='"sessionId":"conversation-1"'

id_of() { printf '%s' "$1" | sed 's/.*"id":\("[^"]*"\|[0-9]*\).*/\1/'; }
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$1" "$2"; }
update() { printf '{"jsonrpc":"2.0","method":"session/update","params":{%s,"update":%s}}\n' "$session" "$1"; }
text() { update "{\"sessionUpdate\":\"agent_message_chunk\",\"content\":{\"type\":\"text\",\"text\":\"$1\"}}"; }
# Sends a request of the agent's own and reads its answer into $reply.
request() {
  printf '{"jsonrpc":"2.0","id":"%s","method":"%s","params":{%s,%s}}\n' "$1" "$1" "$session" "$2"
  while IFS= read -r reply; do
    case $reply in *"\"id\":\"$1\""*) return ;; esac
  done
}

while IFS= read -r line; do
  id=$(id_of "$line")
  case $line in
  *'"method":"initialize"'*)
    answer "$id" '{"protocolVersion":1,"agentCapabilities":{"loadSession":true}}'
    ;;
  *'"method":"session/new"'*)
    answer "$id" '{"sessionId":"conversation-1"}'
    ;;
  *'"method":"session/load"'*)
    text 'an old answer that is known already'
    answer "$id" '{}'
    ;;
  *'"method":"session/prompt"'*)
    prompt=$id
    case $line in
    *talk*)
      update '{"sessionUpdate":"agent_thought_chunk","content":{"type":"text","text":"hm"}}'
      text 'Grüße '
      text 'and goodbye'
      update '{"sessionUpdate":"session_info_update","title":"A talk"}'
      answer "$prompt" '{"stopReason":"end_turn"}'
      ;;
    *work*)
      update '{"sessionUpdate":"plan","entries":[{"content":"do it","priority":"high","status":"pending"}]}'
      update '{"sessionUpdate":"tool_call","toolCallId":"t1","title":"edit a.txt","kind":"edit","status":"pending","rawInput":{"file":"a.txt"}}'
      request session/request_permission '"toolCall":{"toolCallId":"t1","title":"edit a.txt"},"options":[{"optionId":"y","name":"Allow once","kind":"allow_once"},{"optionId":"n","name":"Reject","kind":"reject_once"}]'
      case $reply in
      *'"optionId":"y"'*)
        request fs/write_text_file "\"path\":\"$PWD/a.txt\",\"content\":\"written\\n\""
        request fs/read_text_file "\"path\":\"$PWD/a.txt\""
        case $reply in *written*) text 'read back' ;; esac
        request fs/read_text_file '"path":"/etc/passwd"'
        case $reply in *outside*) text ', and kept inside' ;; esac
        update '{"sessionUpdate":"tool_call_update","toolCallId":"t1","status":"completed","content":[{"type":"diff","path":"a.txt","oldText":null,"newText":"written"}],"rawOutput":{"ok":true}}'
        ;;
      *) update '{"sessionUpdate":"tool_call_update","toolCallId":"t1","status":"failed"}' ;;
      esac
      answer "$prompt" '{"stopReason":"end_turn"}'
      ;;
    *hang*)
      sleep 600 &
      text "$!"
      ;;
    *deaf*)
      trap '' TERM
      sleep 600 &
      text "$!"
      while :; do read -r _ || sleep 600; done
      ;;
    *crash*)
      text 'so far'
      echo 'out of memory, or so' >&2
      exit 7
      ;;
    esac
    ;;
  *'"method":"session/cancel"'*)
    answer "$prompt" '{"stopReason":"cancelled"}'
    ;;
  esac
done
