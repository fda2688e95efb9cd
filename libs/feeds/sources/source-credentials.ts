/** A value that stands for one of FEEDS_SECRETS. */
const REFERENCE = /^secret:([\w.-]{1,64})$/;
const SECRET_HEADER = /auth|cookie|key|token|secret|pass|credential|session|signature/i;
/** Values of the schemes of RFC 9110, whatever the header is called. */
const SECRET_VALUE = /^(basic|bearer|digest|token|apikey)\s+\S/i;
const SECRET_PARAMETER =
  /^(api_?key|key|auth|token|access_token|client_secret|secret|pass(word)?|sig(nature)?|session(_?id)?|x-amz-.*)$/i;

/** The name that `secret:NAME` refers to; undefined for another value. */
export function secretNameOf(value: string): string | undefined {
  return REFERENCE.exec(value)?.[1];
}

/** Whether the header is sent with a credential, by its own value or by reference. */
export function sendsCredential(name: string, value: string): boolean {
  return SECRET_HEADER.test(name) || SECRET_VALUE.test(value) || value.startsWith('secret:');
}

/** Whether the header's own value is a credential. It may not be stored, and is not shown. */
export function holdsCredential(name: string, value: string): boolean {
  return secretNameOf(value) === undefined && sendsCredential(name, value);
}

/** Names of the parameters of a URL that hold credentials. A URL is stored and shown. */
export function secretParametersOf(url: string): string[] {
  return [...(URL.parse(url)?.searchParams.keys() ?? [])].filter((name) => SECRET_PARAMETER.test(name));
}
