/** What stands in place of a secret. A replay sends it as it is, so an application sees a wrong but harmless value. */
export const REDACTED = "[redacted]";

/** Deepest object a redaction walks into; what lies deeper is replaced, because it was not looked at. */
const DEPTH_MAX = 32;

/**
 * Names whose values never leave the process, compared without case, dashes, underscores and dots. They are names of
 * headers, query parameters, form and JSON fields, and variables alike.
 */
const SECRET_NAMES = `
  accesskey accesskeyid accesstoken accountkey accountnumber apikey apikeys apisecret apitoken appkey appsecret
  auth authentication authkey authorization authtoken awsaccesskeyid awssecretaccesskey bankaccount bearer bearertoken
  cardcode cardcvc cardcvv cardnumber cardpan cardsecuritycode ccnumber certificate clientsecret codeverifier
  connectionstring consumersecret cookie cookies cred credential credentials creditcard creditcardnumber csrf csrftoken
  cvc cvc2 cvv cvv2 databaseurl dburl dbpassword debitcard dsn encryptionkey hmac iban idtoken jwt jwttoken
  keyfile licensekey masterkey mfacode mysqlpwd newpassword nonce oldpassword onetimecode otp otpcode pan passcode
  passphrase passwd password passwordconfirmation passwordhash pgpassword phpsessid pin pincode privatekey proxyauthorization
  pwd refreshtoken salt secret secretaccesskey secretkey secretname secrets securitycode securitytoken session sessionid
  sessionkey sessiontoken setcookie sid signature signingkey socialsecurity socialsecuritynumber ssn sshkey stripetoken
  taxid token tokens totp webhooksecret xaccesstoken xamzsecuritytoken xapikey xapitoken xauthtoken xcsrftoken
  xforwardedauthorization xgoogapikey xxsrftoken xsrftoken
`.trim().split(/\s+/);

/** A name that ends in one of these is a secret whatever stands before it: `stripeSecretKey`, `resetToken`. */
const SECRET_ENDINGS = ["password", "passwd", "secret", "token", "apikey", "privatekey", "secretkey", "accesskey", "cookie"];

export type IsSecret = (name: string) => boolean;

/** Tells whether a name is that of a secret. `extra` are further names of the user's own. */
export function secretNames(extra: readonly string[] = []): IsSecret {
  const names = new Set([...SECRET_NAMES, ...extra.map(normalised)]);
  return (name) => {
    const plain = normalised(name);
    return names.has(plain) || SECRET_ENDINGS.some((ending) => plain.endsWith(ending));
  };
}

/** A copy of JSON data with the values of secret fields replaced, and whether any was. */
export function redactData(data: unknown, isSecret: IsSecret): { readonly data: unknown; readonly changed: boolean } {
  let changed = false;
  const walk = (value: unknown, depth: number): unknown => {
    if (value === null || typeof value !== "object") return value;
    if (depth > DEPTH_MAX) {
      changed = true;
      return REDACTED;
    }
    if (Array.isArray(value)) return value.map((item) => walk(item, depth + 1));
    const copy: Record<string, unknown> = {};
    for (const [name, item] of Object.entries(value)) {
      const secret = isSecret(name) && item !== null && item !== "";
      changed ||= secret;
      define(copy, name, secret ? REDACTED : walk(item, depth + 1));
    }
    return copy;
  };
  return { data: walk(data, 0), changed };
}

/** The text of a JSON body, redacted by field. Text that needs no redaction stays byte for byte what it was. */
export function redactJson(text: string, isSecret: IsSecret): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return redactBrokenJson(text, isSecret);
  }
  const result = redactData(parsed, isSecret);
  return result.changed ? JSON.stringify(result.data) : text;
}

/** `a=1&token=x` → `a=1&token=%5Bredacted%5D`; order and spelling of the other pairs are kept. */
export function redactForm(text: string, isSecret: IsSecret): string {
  return text.split("&").map((pair) => {
    const at = pair.indexOf("=");
    const name = at < 0 ? pair : pair.slice(0, at);
    return at >= 0 && isSecret(lastKey(decoded(name))) ? `${name}=${encodeURIComponent(REDACTED)}` : pair;
  }).join("&");
}

/** The target of a request line with the values of secret query parameters replaced. */
export function redactTarget(target: string, isSecret: IsSecret): string {
  const at = target.indexOf("?");
  return at < 0 ? target : `${target.slice(0, at)}?${redactForm(target.slice(at + 1), isSecret)}`;
}

/** Header values as one text each, secrets replaced. */
export function redactHeaders(headers: Readonly<Record<string, string | readonly string[] | undefined>>, isSecret: IsSecret): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue;
    define(result, name.toLowerCase(), isSecret(name) ? REDACTED : typeof value === "string" ? value : value.join(", "));
  }
  return result;
}

/** Sets an own property even where the name is `__proto__`, which an attacker may choose. */
function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/** Text that is meant to be JSON but is cut off or malformed: every `"name": value` of a secret name is replaced. */
function redactBrokenJson(text: string, isSecret: IsSecret): string {
  return text.replace(/"([^"\\]{1,128})"(\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}\]]+)/g, (whole: string, name: string, colon: string) =>
    isSecret(name) ? `"${name}"${colon}"${REDACTED}"` : whole);
}

function normalised(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** `card[number]` → `number` would lose `card`, so both the whole and the last part count: the last is enough here. */
function lastKey(name: string): string {
  const match = /\[([^[\]]+)\]$/.exec(name);
  return match?.[1] ?? name;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
