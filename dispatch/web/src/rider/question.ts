// Whether a handout carries the first-copy question. The choice is the campaign's, not the rider's: the server checks
// it again.

/** 32-bit FNV-1a over the 16 bytes of both ids, finished as in MurmurHash3; as in dispatch/handouts/rules.py. */
export function carriesQuestion(campaignId: string, handoutId: string, share: number): boolean {
  const digits = (campaignId + handoutId).replace(/-/g, '')
  let value = 0x811c9dc5
  for (let i = 0; i < digits.length; i += 2) value = Math.imul(value ^ parseInt(digits.slice(i, i + 2), 16), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0 < share * 2 ** 32
}
