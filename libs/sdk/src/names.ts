/**
 * Names whose values never leave the process: of headers, query parameters, form and JSON fields, variables. A name is
 * compared without case, dashes, underscores and dots, so `card-number`, `card_number` and `cardNumber` are one.
 */
export type IsSecret = (name: string) => boolean;

/** Longest name that is looked at; what is longer is no name that anybody chose. */
const NAME_MAX = 512;

/** A name that contains one of these is a secret whatever stands around it: `userPassword2`, `x-amz-signature`. */
const PARTS = `
  accesskey accountkey accountnumber apikey appkey authkey authorization bankaccount cardcode cardcvc cardcvv cardnumber
  cardpan ccnumber clientcert codeverifier connectionstring cookie credential creditcard csrf databaseurl debitcard
  encryptionkey jsonwebtoken keyfile licensekey masterkey mfacode onetimecode passcode passphrase passwd password
  phpsessid privatekey secret securitycode sessionid sessionkey signature signingkey socialsecurity sshkey token xsrf
`.trim().split(/\s+/);

/** Names too short or too common to be looked for inside others. */
const WHOLE = new Set(`
  auth authentication bearer certificate cred dburl dsn hmac mysqlpwd nonce otpcode pan pass pgpassword pincode salt
  sessiondata sid sig taxid xauth
`.trim().split(/\s+/));

/** Words that make a secret of the name they end, or stand alone in: `userPin`, `card[cvc]`, but neither `pinned` nor `className`. */
const LAST_WORDS = new Set(["auth", "cvc", "cvc2", "cvv", "cvv2", "iban", "jwt", "otp", "pin", "pwd", "session", "sessions", "ssn", "totp"]);

/** What says something about a secret without being it: `tokenCount`, `password_policy`, `signatureVersion`. */
const ABOUT = /(?:count|length|limit|type|usage|used|budget|policy|strength|consent|banner|enabled|required|expires|expiry|expiresin|expiresat|ttl|lifetime|createdat|updatedat|changedat|issuedat|version|method|algorithm|format|name|error|exception)$/;
/** Models of language count in tokens, and a secretary keeps no secrets. */
const HARMLESS = /^(?:(?:max|min|total|prompt|completion|input|output|cached|reasoning)(?:new)?tokens|tokens(?:per|left|in|out).*|.*tokeni[sz](?:e|er|ed|ing|ation)|secretary|passwordless)$/;

/** Tells whether a name is that of a secret. `extra` are further names of the user's own. */
export function secretNames(extra: readonly string[] = []): IsSecret {
  const own = new Set(extra.map(normalised));
  return (name) => {
    const text = name.slice(0, NAME_MAX);
    const plain = normalised(text);
    if (own.has(plain) || WHOLE.has(plain) || plain === "secretname") return true;
    if (ABOUT.test(plain) || HARMLESS.test(plain)) return false;
    return PARTS.some((part) => plain.includes(part)) || LAST_WORDS.has(plain) || LAST_WORDS.has(lastWord(text));
  };
}

/** Tells whether a form's name is one, by any of its parts: `user[password]`, `card[cvc][0]`. */
export function secretPath(path: string, isSecret: IsSecret): boolean {
  return isSecret(path) || path.split(/[[\]]/, 32).some((part) => part !== "" && isSecret(part));
}

function normalised(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

function lastWord(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").split(/[^A-Za-z0-9]+/).findLast((word) => word !== "")?.toLowerCase() ?? "";
}
