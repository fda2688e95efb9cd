import { UseFilters } from '@nestjs/common';
import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Socket } from 'socket.io';
import { isOperator } from '#auth';
import { parseRequest } from '#http';
import { LiveSockets, RethrowToGate, type SocketEvent } from '#realtime';
import { publishRefused } from '../portfolios.errors.js';
import { postQuotes, quotesPosted, type QuotesPosted } from './quote.dto.js';
import { QuotesService } from './quotes.service.js';

/** Namespace of sockets that publish quotes. */
const NAMESPACE = '/quotes';

/** All events of the namespace `/quotes`. */
export const quoteSocketEvents: readonly SocketEvent[] = [
  {
    name: 'quotes:publish',
    direction: 'client',
    about: 'Stores quotes as `POST /v1/quotes` does, for operators. The acknowledgement follows their commit.',
    schema: postQuotes,
    ack: quotesPosted,
  },
];

/** Takes quotes over a socket, in the same writes as those of requests. */
@WebSocketGateway({ namespace: NAMESPACE })
@UseFilters(RethrowToGate)
export class QuotesGateway {
  constructor(
    private readonly quotes: QuotesService,
    private readonly sockets: LiveSockets,
  ) {}

  @SubscribeMessage('quotes:publish')
  publish(@ConnectedSocket() socket: Socket, @MessageBody() message: unknown): Promise<QuotesPosted> {
    if (!isOperator(this.sockets.of(socket).principal)) throw publishRefused();
    return this.quotes.post(parseRequest('message', postQuotes, message).quotes);
  }
}
