/**
 * The settings of the gateway, each with its reason. The rules are those of schema.ts.
 *
 * @packageDocumentation
 */
import * as z from 'zod'
import { listenProblem } from './listen.ts'
import { about } from './reasons.ts'

/** As browsers write them in `Host` and `Origin`. A star or `null` would open the API to any page. */
const HOST = /^(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(?::\d{1,5})?$/
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/

export const Gateway = z.strictObject({
  listen: z
    .string()
    .superRefine((text, context) => {
      const problem = listenProblem(text)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    })
    .default('127.0.0.1:11435')
    .meta(
      about('HOST:PORT or unix:/PATH. Loopback only: the API speaks plain HTTP until it has TLS.'),
    ),
  maxBodyBytes: z
    .int()
    .min(1024)
    .max(16_777_216)
    .default(1_048_576)
    .meta(about('Largest request body. 1 MiB holds ten times the default context in English.')),
  maxMessages: z
    .int()
    .min(1)
    .max(2048)
    .default(1024)
    .meta(about('Messages in one request. More is a loop that went wrong, not a conversation.')),
  maxJobs: z
    .int()
    .min(1)
    .max(64)
    .default(8)
    .meta(
      about(
        'Requests in the engine at once: one for each default slot. More would wait in the engine.',
      ),
    ),
  maxJobsPerClient: z
    .int()
    .min(0)
    .max(64)
    .default(0)
    .meta(
      about(
        'How many of them one client may have; 0: all. A client that is alone should have the whole machine. With overflow "wait" clients share the places by themselves; with "refuse" set this below maxJobs where several use one daemon, else one can hold every place.',
      ),
    ),
  overflow: z
    .enum(['refuse', 'wait'])
    .default('refuse')
    .meta(
      about(
        'What a request beyond maxJobs gets: 429 at once, or a place in a bounded wait, where the client with the fewest requests in the engine is next. Refusing keeps memory flat.',
      ),
    ),
  waitMs: z
    .int()
    .min(100)
    .max(300_000)
    .default(30_000)
    .meta(about('With overflow "wait": after this long a waiting request gets 429 all the same.')),
  loadWaitMs: z
    .int()
    .min(100)
    .max(600_000)
    .default(120_000)
    .meta(
      about(
        'How long a request waits for a model on demand to be loaded, before it gets 503. Ten gigabytes take a minute from a slow disk.',
      ),
    ),
  requestsPerMinute: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(600)
    .meta(
      about(
        'Requests a minute for each client. Ten a second is more than one person or one tool needs.',
      ),
    ),
  allowedHosts: z
    .array(z.string().max(255).regex(HOST, 'expected NAME or NAME:PORT; there are no wildcards'))
    .max(64)
    .default([])
    .meta(
      about('Names besides localhost that a Host header may carry. Empty stops DNS rebinding.'),
    ),
  allowedOrigins: z
    .array(z.string().max(255).regex(ORIGIN, 'expected https://NAME; no path, no wildcards'))
    .max(64)
    .default([])
    .meta(about('Origins of web pages that may call the API. Empty: no page in a browser may.')),
  idleTimeoutMs: z
    .int()
    .min(1000)
    .max(600_000)
    .default(60_000)
    .meta(
      about('A silent kept-alive connection is closed after this, so idle clients hold nothing.'),
    ),
  pingIntervalMs: z
    .int()
    .min(250)
    .max(60_000)
    .default(5000)
    .meta(
      about(
        'Comment lines while a prompt is read. Far below the five minutes after which Node clients give up.',
      ),
    ),
  retryAfterSeconds: z
    .int()
    .min(1)
    .max(60)
    .default(2)
    .meta(about('Said with 429 and 503. SDKs obey values up to 60.')),
})
