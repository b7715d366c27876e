// What makes a password strong enough: the same rules as the server's, shown while it is typed. The server judges.
export interface PasswordRules {
  length: boolean
  kinds: boolean
  login: boolean
}

const plain = (text: string) => text.normalize('NFKC').toLowerCase()

export function kindsOf(password: string): number {
  const kinds = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u, /[^\p{Lu}\p{Ll}\p{Nd}]/u]
  return kinds.filter((kind) => kind.test(password)).length
}

export function passwordRules(password: string, login: string): PasswordRules {
  return {
    length: [...password].length >= 10,
    kinds: kindsOf(password) >= 3,
    login: password !== '' && !plain(password).includes(plain(login)),
  }
}
