# Hosts and links of the lab. Sourced by lab.sh; needs PREFIX.
#
#   client --10.1.0.0/24-- core --10.2.1.0/30-- ra --[swa] 10.10.10.0/24-- a1 .1, a2 .2, pa .100
#      nms --10.3.0.0/24---/  \---10.2.2.0/30-- rb --[swb] 10.20.20.0/24-- b1 .1, b2 .2, pb .100

ROUTERS="core ra rb"
SERVERS="a1 a2 b1 b2"
HOSTS="client nms swa swb $ROUTERS $SERVERS pa pb"
ANYCAST="10.0.0.1/32 10.0.0.2/32 10.0.0.3/32 2001:db8:ac::53/128"

in_host() { local host=$1; shift; ip netns exec "$PREFIX$host" "$@"; }

# link HOST INTERFACE ADDRESSES HOST INTERFACE ADDRESSES: a cable between two hosts; addresses separated by commas.
link() {
  ip link add "$2" netns "$PREFIX$1" type veth peer name "$5" netns "$PREFIX$4"
  port "$1" "$2" "$3"
  port "$4" "$5" "$6"
}

port() {
  local address
  for address in ${3//,/ }; do
    # Duplicate address detection would hold an IPv6 address back for a second.
    case $address in *:*) ip -n "$PREFIX$1" addr add "$address" dev "$2" nodad ;; *) ip -n "$PREFIX$1" addr add "$address" dev "$2" ;; esac
  done
  ip -n "$PREFIX$1" link set "$2" up
}

# lan SWITCH HOST INTERFACE ADDRESSES: plugs a host into a switch; the switch's port has the host's name.
lan() {
  link "$1" "$2" "" "$2" "$3" "$4"
  ip -n "$PREFIX$1" link set "$2" master br0
}

default_route() { ip -n "$PREFIX$1" route add default via "$2"; [ -z "${3:-}" ] || ip -n "$PREFIX$1" -6 route add default via "$3"; }

build_network() {
  # The last thing built is the mark of a complete network; a half-built one is taken down first.
  [ -e "$LAB/network" ] && [ -e "/run/netns/${PREFIX}client" ] && return
  remove_network
  local host
  for host in $HOSTS; do
    ip netns add "$PREFIX$host"
    in_host $host sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 \
      net.ipv4.icmp_ratelimit=0 net.ipv6.conf.default.accept_ra=0 net.ipv6.conf.default.accept_dad=0
    ip -n "$PREFIX$host" link set lo up
  done
  for host in $ROUTERS; do
    # Layer 4 hashing, as real routers do: two servers of one site share the clients.
    in_host $host sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 \
      net.ipv4.fib_multipath_hash_policy=1 net.ipv6.fib_multipath_hash_policy=1
  done
  for host in swa swb; do
    ip -n "$PREFIX$host" link add br0 type bridge stp_state 0 forward_delay 0
    ip -n "$PREFIX$host" link set br0 up
  done
  link core client 10.1.0.1/24,2001:db8:1::1/64 client eth0 10.1.0.2/24,2001:db8:1::2/64
  link core nms 10.3.0.1/24 nms eth0 10.3.0.2/24
  link core ra 10.2.1.1/30,2001:db8:2:1::1/64 ra core 10.2.1.2/30,2001:db8:2:1::2/64
  link core rb 10.2.2.1/30,2001:db8:2:2::1/64 rb core 10.2.2.2/30,2001:db8:2:2::2/64
  site_network a 10.10.10
  site_network b 10.20.20
  default_route client 10.1.0.1 2001:db8:1::1
  default_route nms 10.3.0.1
  touch "$LAB/network"
}

# site_network a 10.10.10
site_network() {
  local s=$1 v4=$2 v6=2001:db8:$1: host address
  lan sw$s r$s lan "$v4.254/24,$v6:fe/64"
  lan sw$s ${s}1 eth0 "$v4.1/24,$v6:1/64"
  lan sw$s ${s}2 eth0 "$v4.2/24,$v6:2/64"
  lan sw$s p$s eth0 "$v4.100/24,$v6:100/64"
  for host in ${s}1 ${s}2 p$s; do default_route $host "$v4.254" "$v6:fe"; done
  for host in ${s}1 ${s}2; do
    for address in $ANYCAST; do ip -n "$PREFIX$host" addr add "$address" dev lo; done
  done
}

# Whatever still lives inside a namespace of ours was started by the lab (sessions of sshd, vtysh): it ends with it.
remove_network() {
  local host pid
  for host in $HOSTS; do
    [ -e "/run/netns/$PREFIX$host" ] || continue
    for pid in $(ip netns pids "$PREFIX$host"); do kill -KILL "$pid" 2>/dev/null || true; done
    ip netns del "$PREFIX$host"
  done
  rm -f "$LAB/network"
}
