/** The rule that one address has one policy. Pure. */
import type { Policy } from '../../policies/policy.ts';
import type { Finding } from '../tree.ts';

/** Told of the later one: two policies for one address in one VRF would fight over its routes. */
export function twinRules(
  { policy }: { readonly policy: Policy },
  all: readonly { readonly policy: Policy }[],
): Finding[] {
  const twin = all.find((other) => other.policy.address === policy.address && other.policy.vrf === policy.vrf)?.policy;
  if (twin === undefined || twin.name === policy.name) return [];
  const where = policy.vrf === 'default' ? '' : ` in VRF ${policy.vrf}`;
  return [
    {
      path: ['address'],
      message: `${policy.address}${where} is also the address of policy \`${twin.name}\`; one policy per address`,
    },
  ];
}
