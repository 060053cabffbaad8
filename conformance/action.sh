#!/usr/bin/env bash
# The steps of action.yml: `install` puts the suites beside the job, `run` runs one and keeps its reports.
# What the action was given comes in the environment, under the names that action.yml has.
set -euo pipefail

PLACE="${RUNNER_TEMP:-/tmp}/realtime-conformance"

install() {
  python3 -m venv --without-pip "$PLACE"
  python3 -m pip --python "$PLACE/bin/python" install --quiet --disable-pip-version-check "$ACTION"
}

# add OPTION VALUE: gives the command an option, unless there is no value.
words=()
add() {
  [ -z "$2" ] || words+=("$1" "$2")
}

# Starts the server in a group of its own, so that all of it can be ended.
server=""
start_server() {
  set -m
  bash -c "$1" >"$REPORTS/server.log" 2>&1 &
  server=$!
  set +m
  trap end_server EXIT
}

end_server() {
  kill -- "-$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
}

run() {
  mkdir -p "$REPORTS"
  case "$MODE" in
    server)
      add --url "$URL"
      add --wait "$WAIT"
      add --model "$MODEL"
      add --transport "$TRANSPORT"
      [ -z "$START" ] || start_server "$START"
      ;;
    client) add --command "$COMMAND" ;;
    *)
      echo "::error::mode is server or client, not '$MODE'"
      exit 2
      ;;
  esac
  add --without "$WITHOUT"
  add --requirements "$REQUIREMENTS"
  add --baseline "$BASELINE"
  add --timeout-scale "$TIMEOUT_SCALE"
  add --name "$NAME"
  add --json "$REPORTS/report.json"
  add --junit "$REPORTS/report.xml"
  add --markdown "$REPORTS/report.md"
  add --html "$REPORTS/report.html"
  local options ids status=0
  read -ra options <<<"$OPTIONS"
  read -ra ids <<<"$IDS"
  "$PLACE/bin/realtime-conformance" "$MODE" "${words[@]}" ${options[@]+"${options[@]}"} ${ids[@]+"${ids[@]}"} || status=$?
  if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "reports=$REPORTS" >>"$GITHUB_OUTPUT"; fi
  if [ -n "${GITHUB_STEP_SUMMARY:-}" ] && [ -f "$REPORTS/report.md" ]; then
    # A summary may have a megabyte.
    head -c 900000 "$REPORTS/report.md" >>"$GITHUB_STEP_SUMMARY"
  fi
  if [ "$status" = 2 ] && [ -n "$server" ]; then
    echo "The last lines of the server's log:"
    tail -n 20 "$REPORTS/server.log"
  fi
  return "$status"
}

"$1"
