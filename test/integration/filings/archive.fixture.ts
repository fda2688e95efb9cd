import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Archive {
  url: string;
  host: string;
  requests: { path: string; userAgent: string | undefined }[];
  /** Text of a filing's main document. */
  texts: Map<string, string>;
  /** Status of every answer. Default: 200. */
  status: number;
  /** Called with each request, before it is answered. */
  onRequest: (accession: string) => void;
  close(): Promise<void>;
}

/** A local archive of filings that returns a submission for any accession number. */
export async function archive(): Promise<Archive> {
  const desk: Archive = {
    url: '',
    host: '',
    requests: [],
    texts: new Map(),
    status: 200,
    onRequest: () => undefined,
    close: () => Promise.resolve(),
  };
  const server = createServer((request, response) => {
    const accession = /(\d{10}-\d{2}-\d{6})\.txt$/.exec(request.url ?? '')?.[1] ?? '';
    desk.requests.push({ path: request.url ?? '', userAgent: request.headers['user-agent'] });
    desk.onRequest(accession);
    response
      .writeHead(desk.status, { 'content-type': 'text/plain' })
      .end(desk.status === 200 ? submission(accession, desk.texts.get(accession)) : 'no');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  desk.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  desk.url = `http://${desk.host}/Archives/edgar/data`;
  desk.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return desk;
}

function submission(accession: string, text = 'Item 5.02 The president left.'): string {
  return `<SEC-HEADER>
ACCESSION NUMBER:\t\t${accession}
CONFORMED SUBMISSION TYPE:\t8-K
CONFORMED PERIOD OF REPORT:\t20251210
FILED AS OF DATE:\t\t20251212
</SEC-HEADER>
<DOCUMENT>
<TYPE>8-K
<TEXT>
<html><body><p>${text}</p></body></html>
</TEXT>
</DOCUMENT>
`;
}
