# For the scripts of this folder, which source it: a folder 'work', the processes 'pids' that end with the
# script, an nginx that plays the engine, and HAProxy with the rules of Tecnativa's image.

path=/v1.41/containers/json
work=$(mktemp -d)
chmod 755 "$work"
pids=()
# shellcheck disable=SC2317
finish() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
  done
  wait
  rm -rf "$work"
}
trap finish EXIT

# Two kilobytes of JSON, as a short list of containers has.
answer() {
  local i
  printf '['
  for i in $(seq 8); do
    [ "$i" -eq 1 ] || printf ','
    printf '{"Id":"%064d","Names":["/web-%d"],"Image":"busybox","State":"running","Labels":{"app":"web","n":"%d"}}' \
      "$i" "$i" "$i"
  done
  printf ']'
}

# On $work/engine.sock, and on a port if there is one.
start_nginx() {
  mkdir -p "$work/www/v1.41/containers"
  answer >"$work/www$path"
  cat >"$work/nginx.conf" <<END
daemon off;
worker_processes 1;
pid $work/nginx.pid;
error_log $work/nginx.log warn;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 100000000;
  default_type application/json;
  open_file_cache max=10;
  client_body_temp_path $work/1; proxy_temp_path $work/2; fastcgi_temp_path $work/3;
  uwsgi_temp_path $work/4; scgi_temp_path $work/5;
  server { listen unix:$work/engine.sock; ${1:+listen 127.0.0.1:$1;} root $work/www; }
}
END
  PATH=$PATH:/usr/sbin nginx -c "$work/nginx.conf" -e "$work/nginx.log" &
  pids+=($!)
}

# start_haproxy PORT LOG: its log goes to LOG (a file), or nowhere. Connections stay open on both sides.
start_haproxy() {
  cat >"$work/haproxy.$1.cfg" <<END
global
  maxconn 4000
  nbthread 1
  ${2:+log fd@1 local0 info}
defaults
  mode http
  ${2:+log global}
  ${2:+option httplog}
  timeout connect 10s
  timeout client 10m
  timeout server 10m
  timeout http-request 10s
  option http-keep-alive
  http-reuse safe
backend engine
  server engine unix@$work/engine.sock
frontend docker
  bind 127.0.0.1:$1
  http-request deny unless METH_GET || { env(POST) -m bool }
  http-request allow if { path,url_dec -m reg -i ^(/v[\\d\\.]+)?/containers/[a-zA-Z0-9_.-]+/((stop)|(restart)|(kill)) } { env(ALLOW_RESTARTS) -m bool }
  http-request allow if { path,url_dec -m reg -i ^(/v[\\d\\.]+)?/containers/[a-zA-Z0-9_.-]+/start } { env(ALLOW_START) -m bool }
  http-request allow if { path,url_dec -m reg -i ^(/v[\\d\\.]+)?/containers/[a-zA-Z0-9_.-]+/stop } { env(ALLOW_STOP) -m bool }
$(for section in auth build commit configs containers; do
    printf '  http-request allow if { path,url_dec -m reg -i ^(/v[\\d\\.]+)?/%s } { env(%s) -m bool }\n' \
      "$section" "$(echo "$section" | tr a-z A-Z)"
  done)
  http-request deny
  default_backend engine
END
  PATH=$PATH:/usr/sbin CONTAINERS=1 haproxy -q -f "$work/haproxy.$1.cfg" >"${2:-$work/haproxy.log}" 2>&1 &
  pids+=($!)
}

# await ENDPOINT: a port, or the path of a socket. The worker that runs under valgrind takes its time.
await() {
  local to="http://127.0.0.1:$1"
  for _ in $(seq 600); do
    case $1 in
    /*) curl -fs --unix-socket "$1" -o "$work/got" "http://docker$path" ;;
    *) curl -fs -o "$work/got" "$to$path" ;;
    esac && cmp -s "$work/got" "$work/www$path" && return
    sleep 0.1
  done
  echo "bench: nothing useful answers on $1" >&2
  cat "$work"/*.log >&2
  exit 1
}
