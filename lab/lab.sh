#!/bin/bash
# The multi-host lab: an anycast service on two sites, in network namespaces with real daemons. Root, Debian 12.
# docs/lab.md has the picture, the addresses and how to look inside.
set -euo pipefail
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
NODE=$REPO/node_modules/.bin/node
LAB=${ANYTRACK_LAB_DIR:-$REPO/.lab}
# Two labs can stand beside each other (the tests use their own): every namespace and FRR pathspace has this prefix.
PREFIX=${ANYTRACK_LAB_PREFIX:-at-}
HERE=$REPO/lab
OSPF_STATE=/var/run/frr/ospfd-gr.json
. "$HERE/net.sh"
. "$HERE/daemons.sh"
. "$HERE/config.sh"

usage() {
  cat <<'TEXT'
usage: lab.sh COMMAND
  up [--bare] [--frequency D]   build and start everything (again: start what is missing);
                                --bare: without anytrack; --frequency: of the resolver probes, 1s or 100ms
  down                          end every process, remove every namespace and file
  status                        daemons, BGP sessions, anycast routes
  drill [NAME ...] [--json]     break things and see what the client sees (drill --help); up first, if it is not
  start NAME | stop NAME [SIGNAL] | pid NAME     one daemon: a1.unbound, ra.staticd, pa.anytrack
  daemons                       the names of all daemons
  configure [--frequency D]     write all configuration files again
  exec HOST COMMAND ...         run a command on a host: exec client dig @10.0.0.1 probe.any.test
TEXT
}

need_root() { [ "$(id -u)" = 0 ] || { echo "lab: needs root (network namespaces)" >&2; exit 2; }; }

need_programs() {
  local missing=""
  for program in ip vtysh unbound nginx freeradius snmpd snmptrapd sshd ssh-keygen; do
    command -v $program >/dev/null || missing="$missing $program"
  done
  [ -z "$missing" ] || { echo "lab: not installed:$missing (sh .ci/install brings them)" >&2; exit 2; }
}

up() {
  local bare=no
  while [ $# -gt 0 ]; do
    case $1 in
      --bare) bare=yes; shift ;;
      --frequency) FREQUENCY=${2:?a duration}; shift 2 ;;
      *) usage >&2; exit 2 ;;
    esac
  done
  need_programs
  mkdir -p "$LAB/pids" "$LAB/log" /run/sshd
  # ospfd writes this beside its pathspace; it goes with us if it came with us.
  [ -e $OSPF_STATE ] || touch "$LAB/made-ospf-state"
  build_network
  configure
  start_routers
  local host
  for host in $SERVERS; do start $host.unbound & start $host.nginx & start $host.freeradius & done
  start nms.snmptrapd
  wait
  await "OSPF and BGP neighbours" 15 routing_is_up
  # Probes must not meet a half-started site, or the first verdicts would be about the lab and not about the service.
  freshen_witness
  await "answers of every server" 10 servers_answer
  if [ $bare = no ]; then start pa.anytrack; start pb.anytrack; await "routes by anytrack" 20 routes_are_there; fi
  echo "lab: up"
}

down() {
  local name
  for name in $(all_daemons | tac); do stop "$name" & done
  wait
  remove_network
  local router
  for router in $ROUTERS; do rm -rf "/etc/frr/$PREFIX$router" "/var/run/frr/$PREFIX$router"; done
  [ ! -e "$LAB/made-ospf-state" ] || rm -f $OSPF_STATE
  rm -rf "$LAB"
  echo "lab: down"
}

routing_is_up() {
  local router
  for router in ra rb; do
    vtysh -N $PREFIX$router -c 'show ip ospf neighbor' 2>/dev/null | grep -q Full || return 1
    vtysh -N $PREFIX$router -c 'show bgp ipv6 unicast summary json' 2>/dev/null | grep -q '"state":"Established"' || return 1
  done
}

# net-snmp caches its route tables for a minute; a witness must not look at the past.
freshen_witness() {
  local router table
  for router in ra rb; do
    for table in 4 7; do
      MIBS='' in_host $router snmpset -v2c -c set-up -r 10 -t 0.2 127.0.0.1 1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.4.24.$table i 0 >/dev/null
    done
  done
}

servers_answer() {
  local host
  for host in $SERVERS; do
    in_host $host ss -Hlun sport = 1812 | grep -q 1812 || return 1
    in_host $host ss -Hltn sport = 80 | grep -q 80 || return 1
    in_host $host dig +time=1 +tries=1 +short @127.0.0.1 probe.any.test A 2>/dev/null | grep -q 192.0.2.10 || return 1
  done
}

# FRR's static routes have protocol 196 in the kernel (rtnetlink's own "static" is 4).
# Of each site: the resolver, both web servers, the first RADIUS server; the IPv6 resolver by both servers.
routes_are_there() {
  local router
  for router in ra rb; do
    [ "$(ip -n $PREFIX$router route show root 10.0.0.0/24 proto 196 | grep -c '^10.0.0.[123] ')" = 3 ] || return 1
    [ "$(ip -n $PREFIX$router -6 route show 2001:db8:ac::53 proto 196 | grep -c via)" = 2 ] || return 1
  done
}

status() {
  local name router
  for name in $(all_daemons); do
    if running "$name"; then echo "$name running ($(pid_of "$name"))"; else echo "$name stopped"; fi
  done
  for router in $ROUTERS; do
    echo "--- $router: neighbours and anycast routes"
    vtysh -N $PREFIX$router -c 'show ip ospf neighbor' 2>/dev/null | awk '/^[0-9]/ {print "ospf", $1, $3}' || true
    vtysh -N $PREFIX$router -c 'show bgp ipv6 unicast summary' 2>/dev/null | awk '/^2001/ {print "bgp", $1, "AS" $3}' || true
    ip -n $PREFIX$router route show root 10.0.0.0/24 2>/dev/null || true
    ip -n $PREFIX$router -6 route show root 2001:db8:ac::/64 2>/dev/null || true
  done
}

# await WHAT SECONDS CHECK: bounded wait.
await() {
  local end=$((SECONDS + $2))
  until $3; do
    [ $SECONDS -lt $end ] || { echo "lab: no $1 after $2 s" >&2; return 1; }
    sleep 0.1
  done
}

command=${1:-}
[ $# -gt 0 ] && shift
case $command in
  up | down | status | start | stop | pid | configure | exec | drill) need_root ;;
esac
case $command in
  up) up "$@" ;;
  down) down ;;
  status) status ;;
  drill)
    case " $* " in *" --help "* | *" -h "*) ;; *) [ -e "$LAB/pids/pa.anytrack" ] || up >&2 ;; esac
    exec "$NODE" "$HERE/drill.ts" "$@"
    ;;
  start) start "$@" ;;
  stop) stop "$@" ;;
  pid) pid_of "$@" ;;
  daemons) all_daemons ;;
  configure) [ "${1:-}" = --frequency ] && FREQUENCY=${2:?a duration}; configure ;;
  exec) host=$1; shift; exec ip netns exec "$PREFIX$host" "$@" ;;
  -h | --help | help) usage ;;
  *) usage >&2; exit 2 ;;
esac
