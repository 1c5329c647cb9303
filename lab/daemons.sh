# The daemons of the lab: name = HOST.PROGRAM. Sourced by lab.sh; needs PREFIX, LAB, REPO, NODE.
# Each runs in the foreground of its own session, so that the pid we record is the daemon's, whatever daemon it is.

ROUTING="bfdd staticd ospfd bgpd"

all_daemons() {
  local router host
  for router in $ROUTERS; do
    echo $router.zebra; echo $router.bfdd; echo $router.staticd; echo $router.ospfd; echo $router.bgpd
  done
  for router in ra rb; do echo $router.snmpd; echo $router.sshd; done
  for host in $SERVERS; do echo $host.unbound; echo $host.nginx; echo $host.freeradius; done
  echo nms.snmptrapd
  echo pa.anytrack
  echo pb.anytrack
}

# The command line of a daemon, as words in the array COMMAND.
command_of() {
  local host=${1%%.*} daemon=${1#*.} site
  local frr=/var/run/frr/$PREFIX$host
  site=${host#[rp]}
  case $daemon in
    zebra) COMMAND=(/usr/lib/frr/zebra -N "$PREFIX$host" -P 0 -i "$frr/zebra.pid" -s 90000000 --log stdout) ;;
    bfdd | staticd | ospfd) COMMAND=("/usr/lib/frr/$daemon" -N "$PREFIX$host" -P 0 -i "$frr/$daemon.pid" --log stdout) ;;
    bgpd) COMMAND=(/usr/lib/frr/bgpd -N "$PREFIX$host" -P 0 -p 179 -i "$frr/bgpd.pid" --log stdout) ;;
    snmpd) COMMAND=(env MIBS= /usr/sbin/snmpd -f -Lo -C -c "$frr/snmpd.conf" -p "$frr/snmpd.pid") ;;
    sshd) COMMAND=(/usr/sbin/sshd -D -e -f "$LAB/$site/sshd_config") ;;
    unbound) COMMAND=(/usr/sbin/unbound -d -c "$LAB/$host/unbound.conf") ;;
    nginx) COMMAND=(/usr/sbin/nginx -c "$LAB/$host/nginx.conf" -e "$LAB/log/$1" -g 'daemon off;') ;;
    freeradius) COMMAND=(/usr/sbin/freeradius -f -l stdout -d "$LAB/$host/radius" -n radiusd -D /usr/share/freeradius) ;;
    snmptrapd) COMMAND=(/usr/sbin/snmptrapd -f -n -Lf "$LAB/nms/traps.log" -C -c "$LAB/nms/snmptrapd.conf" -p "$LAB/nms/snmptrapd.pid"
      -M "$REPO/node_modules/net-snmp/lib/mibs:$REPO/mibs/standard:$REPO/mibs" -m ANYTRACK-MIB:SNMPv2-MIB -x "$LAB/nms/agentx" udp:162) ;;
    anytrack) COMMAND=("$NODE" "$REPO/src/cli.ts" run --config "$LAB/$site/config/anytrack.yaml") ;;
    *) echo "lab: no daemon $1; lab.sh daemons lists them" >&2; return 2 ;;
  esac
}

# A process is ours if the recorded pid still has the recorded start time (field 22 of stat): pids are used again.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '$1 != "Z" {print $20}'; }

pid_of() {
  local pid started
  read -r pid started 2>/dev/null <"$LAB/pids/$1" || return 1
  [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}

running() { pid_of "$1" >/dev/null; }

# In a subshell, so that the daemon is no job of ours and "wait" does not wait for it.
start() (
  if running "$1"; then return; fi
  command_of "$1"
  # Appended, so that a restart does not wipe what the drill wants to read.
  HOME=$LAB setsid ip netns exec "$PREFIX${1%%.*}" "${COMMAND[@]}" </dev/null >>"$LAB/log/$1" 2>&1 &
  pid=$!
  echo "$pid $(start_time $pid)" >"$LAB/pids/$1"
)

# stop NAME [SIGNAL]: ends one daemon and waits until it is gone; TERM gives way to KILL after 3 s.
stop() {
  local pid i
  pid=$(pid_of "$1") || return 0
  kill "-${2:-TERM}" "$pid" 2>/dev/null || true
  kill -CONT "$pid" 2>/dev/null || true
  for i in $(seq 60); do running "$1" || break; sleep 0.05; done
  running "$1" && kill -KILL "$pid" 2>/dev/null
  rm -f "$LAB/pids/$1"
}

start_routers() {
  local router daemon
  for router in ra rb; do start $router.snmpd; start $router.sshd; done
  for router in $ROUTERS; do start $router.zebra; done
  for router in $ROUTERS; do
    await "zebra of $router" 5 "test -S /var/run/frr/$PREFIX$router/zserv.api"
    for daemon in $ROUTING; do start $router.$daemon; done
  done
  for router in $ROUTERS; do
    for daemon in $ROUTING; do await "$daemon of $router" 5 "test -S /var/run/frr/$PREFIX$router/$daemon.vty"; done
    vtysh -N "$PREFIX$router" -b >>"$LAB/log/$router.vtysh" 2>&1 &
  done
}
