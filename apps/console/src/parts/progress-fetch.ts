type OnProgress = (sent: number, total: number) => void;

const followed = new WeakMap<object, OnProgress>();

/** Calls the listener with the bytes of this body that have left, when `progressFetch` sends it. @returns the body */
export function withProgress<Body extends Blob | FormData>(body: Body, onProgress: OnProgress): Body {
  followed.set(body, onProgress);
  return body;
}

/**
 * The `fetch` of the desk. It sends bodies of `withProgress` with XMLHttpRequest, because fetch does not tell how much of a body
 * has left.
 */
export const progressFetch: typeof globalThis.fetch = (input, init) => {
  const body = init?.body;
  const onProgress = typeof body === 'object' && body !== null ? followed.get(body) : undefined;
  return onProgress === undefined ? fetch(input, init) : sendWithProgress(String(input), init!, onProgress);
};

function sendWithProgress(url: string, init: RequestInit, onProgress: OnProgress): Promise<Response> {
  return new Promise((resolve, reject) => {
    const { signal } = init;
    const stopped = () => reject((signal?.reason as Error | undefined) ?? new DOMException('Stopped', 'AbortError'));
    if (signal?.aborted) return stopped();
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal?.addEventListener('abort', abort, { once: true });
    request.open(init.method ?? 'GET', url);
    new Headers(init.headers).forEach((value, name) => request.setRequestHeader(name, value));
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded, total);
    request.onload = () => resolve(responseOf(request));
    request.onerror = () => reject(new TypeError('The connection was lost during the upload.'));
    request.onabort = stopped;
    request.onloadend = () => signal?.removeEventListener('abort', abort);
    request.send(init.body as XMLHttpRequestBodyInit);
  });
}

function responseOf(request: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const line of request.getAllResponseHeaders().trim().split(/\r?\n/)) {
    const at = line.indexOf(':');
    if (at > 0) headers.append(line.slice(0, at), line.slice(at + 1).trim());
  }
  // A Response with a body and status 204 cannot be made.
  return new Response(request.status === 204 ? null : request.responseText, { status: request.status, headers });
}
