# Writes every configuration file of the lab from the templates in lab/etc. Sourced by lab.sh.

# How often the resolver and the others are probed; what was chosen last stays.
FREQUENCY=${FREQUENCY:-$(cat "$LAB/frequency" 2>/dev/null || echo 1s)}

# render TEMPLATE FILE KEY=VALUE ...: replaces @KEY@ by its value.
render() {
  local template=$HERE/etc/$1 file=$2 pair script=()
  shift 2
  for pair in "PREFIX=$PREFIX" "LAB=$LAB" "$@"; do script+=(-e "s|@${pair%%=*}@|${pair#*=}|g"); done
  mkdir -p "$(dirname "$file")"
  sed "${script[@]}" "$template" >"$file"
}

configure() {
  configure_router core frr-core.conf
  configure_router ra frr-site.conf SITE=a AS=65001 LINK=10.2.1 LINK6=2001:db8:2:1: LAN=10.10.10 METRIC=10 "PREPEND=!"
  configure_router rb frr-site.conf SITE=b AS=65002 LINK=10.2.2 LINK6=2001:db8:2:2: LAN=10.20.20 METRIC=1000 \
    "PREPEND=set as-path prepend 65002 65002 65002"
  configure_site a 10.10.10
  configure_site b 10.20.20
  render snmptrapd.conf "$LAB/nms/snmptrapd.conf"
  echo "$FREQUENCY" >"$LAB/frequency"
}

# FRR runs as its own user, which cannot enter a private checkout: its files stand where FRR looks for a pathspace.
configure_router() {
  local router=$1 template=$2
  shift 2
  local etc=/etc/frr/$PREFIX$router run=/var/run/frr/$PREFIX$router
  mkdir -p "$etc" "$run"
  render "$template" "$etc/frr.conf" "$@"
  printf 'service integrated-vtysh-config\nhostname %s\n' $router >"$etc/vtysh.conf"
  render snmpd.conf "$run/snmpd.conf" ROUTER=$router
  chown -R frr:frr "$etc" "$run"
}

# configure_site a 10.10.10
configure_site() {
  local site=$1 lan=$2 n host data
  for n in 1 2; do
    host=$site$n
    for data in "right $host 192.0.2.10" "wrong wrong 192.0.2.66"; do
      set -- $data
      render unbound.conf "$LAB/$host/unbound-$1.conf" LAN4=$lan.$n LAN6=2001:db8:$site::$n HOST=$host TEXT=$2 ADDRESS=$3
    done
    # The "wrong answers" drill puts the other one here: the right protocol, the wrong data.
    cp "$LAB/$host/unbound-right.conf" "$LAB/$host/unbound.conf"
    render nginx.conf "$LAB/$host/nginx.conf" HOST=$host
    mkdir -p "$LAB/$host/tmp"
    render radiusd.conf "$LAB/$host/radius/radiusd.conf" HOST=$host
  done
  configure_ssh $site
  configure_anytrack $site $lan
}

configure_ssh() {
  local site=$1 dir=$LAB/$1
  mkdir -p "$dir/keys" "$dir/home"
  chmod 700 "$dir/keys"
  [ -e "$dir/keys/host" ] || ssh-keygen -q -t ed25519 -N '' -C "router of site $site" -f "$dir/keys/host"
  [ -e "$dir/keys/edge" ] || ssh-keygen -q -t ed25519 -N '' -C "anytrack of site $site" -f "$dir/keys/edge"
  secret "$dir/keys/community" read-4200
  secret "$dir/keys/trap-community" traps-4200
  secret "$dir/keys/radius" testing123
  secret "$dir/keys/radius-user" user-4200
  render sshd_config "$dir/sshd_config" SITE=$site
}

# Words that appear nowhere else: anytrack hides a secret wherever it meets it.
secret() { (umask 077 && printf '%s\n' "$2" >"$1"); }

# configure_anytrack a 10.10.10
configure_anytrack() {
  local site=$1 lan=$2 dir=$LAB/$1/config policy timeout=300ms
  # A run must be over before the next one starts: frequency >= timeout >= threshold.
  case $FREQUENCY in [0-9]ms | [0-9][0-9]ms | [12][0-9][0-9]ms) timeout=$FREQUENCY ;; esac
  local fingerprint
  fingerprint=$(ssh-keygen -lf "$LAB/$site/keys/host.pub" | awk '{print $2}')
  render anytrack.yaml.in "$dir/anytrack.yaml" SITE=$site LAN4=$lan LAN6=2001:db8:$site: HOSTKEY="$fingerprint"
  for policy in resolver resolver6 web radius; do
    render policy-$policy.yaml.in "$dir/policies/$policy.yaml" SITE=$site LAN4=$lan LAN6=2001:db8:$site: \
      FREQUENCY=$FREQUENCY TIMEOUT=$timeout
  done
}
