#!/bin/sh
# An agent that speaks the Agent Client Protocol, one JSON object a line, and does one thing per prompt.
# It is written without any library, so that it checks the runner's side and not a common one.
session='"sessionId":"conversation-1"'
model=m/a
mode=build
tools=none
# What it calls of the server's tools.
call=$FAKE_CALL
[ -n "$call" ] || call='{"name":"list_workflows","arguments":{"q":"x"}}'

id_of() { printf '%s' "$1" | sed 's/.*"id":\("[^"]*"\|[0-9]*\).*/\1/'; }
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$1" "$2"; }
update() { printf '{"jsonrpc":"2.0","method":"session/update","params":{%s,"update":%s}}\n' "$session" "$1"; }
text() { update "{\"sessionUpdate\":\"agent_message_chunk\",\"content\":{\"type\":\"text\",\"text\":\"$1\"}}"; }
fail() { printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32603,"message":"%s"}}\n' "$1" "$2"; }
end() { answer "$prompt" '{"stopReason":"end_turn","usage":{"totalTokens":7,"inputTokens":5,"outputTokens":2}}'; }
options() {
  printf '"configOptions":[{"id":"model","name":"Model","category":"model","type":"select","currentValue":"%s","options":[{"value":"m/a","name":"A"},{"value":"m/b","name":"B"}]}],"modes":{"currentModeId":"%s","availableModes":[{"id":"build","name":"Build"},{"id":"plan","name":"Plan"}]}' "$model" "$mode"
}
# Sends a request of the agent's own and reads its answer into $reply.
request() {
  printf '{"jsonrpc":"2.0","id":"%s","method":"%s","params":{%s,%s}}\n' "$1" "$1" "$session" "$2"
  while IFS= read -r reply; do
    case $reply in *"\"id\":\"$1\""*) return ;; esac
  done
}


# Starts the bridge and greets what is behind it.
cross() {
  pipes=$(mktemp -d)
  mkfifo "$pipes/in" "$pipes/out"
  $bridge < "$pipes/in" > "$pipes/out" &
  exec 3> "$pipes/in" 4< "$pipes/out"
  ask_tools '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"fake","version":"1"}}}'
  printf '{"jsonrpc":"2.0","method":"notifications/initialized"}\n' >&3
}

# Asks the server's tools through the bridge, and reads the answer into $reply.
ask_tools() {
  printf '%s\n' "$1" >&3
  IFS= read -r reply <&4
}

# Variables that make it a bad one before it is asked anything.
if [ -n "$FAKE_SILENT" ]; then sleep 600; fi
if [ -n "$FAKE_CRASHES" ]; then
  echo start >> "$PWD/starts"
  if [ "$(wc -l < "$PWD/starts")" -le "$FAKE_CRASHES" ]; then echo 'not yet' >&2; exit 9; fi
fi

while IFS= read -r line; do
  id=$(id_of "$line")
  case $line in
  *'"method":"initialize"'*)
    answer "$id" '{"protocolVersion":1,"agentCapabilities":{"loadSession":true,"promptCapabilities":{"image":true},"mcpCapabilities":{"http":'"${FAKE_HTTP:-true}"'}},"agentInfo":{"name":"fake","version":"1.0"}}'
    ;;
  *'"method":"session/new"'*)
    case $line in *'Bearer secret'*) tools=handed ;; esac
    bridge=$(printf '%s' "$line" | sed -n 's/.*"command":"\([^"]*\)","args":\["\([^]]*\)"\].*/\1 \2/p' | sed 's/","/ /g')
    answer "$id" "{\"sessionId\":\"conversation-1\",$(options)}"
    ;;
  *'"method":"session/load"'*)
    case $line in
    *'"sessionId":"lost"'*) fail "$id" 'no such session' ;;
    *)
      text 'an old answer that is known already'
      answer "$id" "{$(options)}"
      ;;
    esac
    ;;
  *'"method":"session/set_config_option"'*)
    model=$(printf '%s' "$line" | sed 's/.*"value":"\([^"]*\)".*/\1/')
    answer "$id" "{$(options)}"
    ;;
  *'"method":"session/set_mode"'*)
    mode=$(printf '%s' "$line" | sed 's/.*"modeId":"\([^"]*\)".*/\1/')
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
      end
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
      end
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
    *whoami*)
      text "$$"
      end
      ;;
    *learn*)
      cross
      ask_tools '{"jsonrpc":"2.0","id":2,"method":"prompts/list"}'
      text "$(printf '%s' "$reply" | sed 's/.*"prompts":\[{"name":"\([^"]*\)".*/\1/'): "
      ask_tools '{"jsonrpc":"2.0","id":3,"method":"prompts/get","params":{"name":"workflows","arguments":{"topic":"steps"}}}'
      text "$(printf '%s' "$reply" | tr -d '\\"' | sed 's/.*type:text,text:\([^}]*\)}.*/\1/')"
      exec 3>&- 4<&-
      wait "$!"
      end
      ;;
    *reach*)
      cross
      ask_tools '{"jsonrpc":"2.0","id":2,"method":"tools/list"}'
      text "$(printf '%s' "$reply" | sed 's/.*"tools":\[{"name":"\([^"]*\)".*/\1/'): "
      ask_tools '{"jsonrpc":"2.0","id":3,"method":"tools/call","params":'"$call"'}'
      # Without quotes and escapes it fits into any text.
      text "$(printf '%s' "$reply" | tr -d '\\"' | sed 's/.*type:text,text:\(.*\)}\],.*/\1/')"
      exec 3>&- 4<&-
      wait "$!"
      end
      ;;
    *which*)
      text "$model in $mode, tools $tools"
      end
      ;;
    *busy*)
      case $model in
      m/a) fail "$prompt" 'AI_APICallError: 429 Too Many Requests' ;;
      *) text "answered by $model" && end ;;
      esac
      ;;
    *picture*)
      case $line in
      *'"type":"image"'*'Attached file a.txt'*) text 'seen and read' ;;
      *) text "$line" ;;
      esac
      end
      ;;
    *leftover*)
      sleep 600 &
      text "$$ $!"
      end
      ;;
    *terminal*)
      request terminal/create '"command":"printf","args":["%s","it'"'"'s one"]'
      update '{"sessionUpdate":"tool_call","toolCallId":"t2","title":"print","kind":"execute","status":"in_progress","content":[{"type":"terminal","terminalId":"terminal-1"}]}'
      request terminal/wait_for_exit '"terminalId":"terminal-1"'
      case $reply in *'"exitCode":0'*) text 'it ended, ' ;; esac
      request terminal/output '"terminalId":"terminal-1"'
      case $reply in *"it's one"*) text 'it printed, ' ;; esac
      request terminal/create '"command":"sleep 600 & echo $!; wait"'
      request terminal/kill '"terminalId":"terminal-2"'
      request terminal/wait_for_exit '"terminalId":"terminal-2"'
      case $reply in *'"signal":'*) text 'it was killed' ;; esac
      update '{"sessionUpdate":"tool_call_update","toolCallId":"t2","status":"completed"}'
      end
      ;;
    *always*)
      request session/request_permission '"toolCall":{"toolCallId":"t3","title":"rm -rf target"},"options":[{"optionId":"a","name":"Always","kind":"allow_always"},{"optionId":"n","name":"Reject","kind":"reject_once"}]'
      case $reply in *'"optionId":"a"'*) text 'for ever' ;; esac
      end
      ;;
    *rubbish*)
      echo 'Debugger listening on ws://127.0.0.1:9229'
      echo '{"jsonrpc": "2.0", "method":'
      echo '[1, 2]'
      text 'still here'
      end
      ;;
    *disorder*)
      update '{"sessionUpdate":"tool_call_update","toolCallId":"t4","status":"completed","title":"late"}'
      update '{"sessionUpdate":"a_kind_from_the_future","what":1}'
      printf '{"jsonrpc":"2.0","method":"session/update","params":{"sessionId":"another","update":{"sessionUpdate":"agent_message_chunk","content":{"type":"text","text":"not for you"}}}}\n'
      printf '{"jsonrpc":"2.0","id":999,"result":{}}\n'
      update '{"sessionUpdate":"tool_call","toolCallId":"t4","title":"late","kind":"read","status":"completed"}'
      text 'in the end'
      end
      text 'after the end'
      ;;
    *unknown*)
      request fancy/tool '"x":1'
      case $reply in *'"error"'*) text 'refused' ;; esac
      request terminal/output '"terminalId":"none"'
      case $reply in *'there is no terminal'*) text ' twice' ;; esac
      end
      ;;
    *flood*)
      words=$(head -c 20000 /dev/zero | tr '\0' x)
      count=0
      while [ "$count" -lt 500 ]; do text "$words" && count=$((count + 1)); done
      sleep 600
      ;;
    *endless*)
      head -c 17000000 /dev/zero | tr '\0' x
      sleep 600
      ;;
    *orphan*)
      sleep 600 &
      text "$!"
      exit 3
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
