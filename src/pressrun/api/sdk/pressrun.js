// @ts-check
/**
 * A client for the REST API of Pressrun: create bulk jobs, follow them, and download what they make.
 *
 * @module pressrun
 */

/** @typedef {{ [field: string]: any }} Fields */
/**
 * @typedef {object} Job
 * @property {string} id
 * @property {string} title
 * @property {string} state
 * @property {string[]} allowed
 * @property {number} percent_complete
 * @property {number} items_total
 * @property {number} items_completed
 * @property {number} items_failed
 * @property {number} items_pending
 * @property {string[]} warnings
 */
/** @typedef {Job & { event: Fields | null }} Update */
/**
 * @typedef {object} NewJobFields
 * @property {string} title
 * @property {string} [sheet_id] The id or the address of a Google Sheet
 * @property {string} [range]
 * @property {Fields[]} [rows]
 * @property {string} [csv]
 * @property {string} [output_bucket]
 * @property {string} [template_id]
 * @property {Fields} [input_source]
 * @property {Fields} [output]
 * @property {Fields} [template]
 */
/** @typedef {{ name: string, size: number, sha256: string } & Fields} FileInfo */
/** @typedef {(update: Update) => void} ProgressCallback */

const BASE = "/api/bulk-jobs"
const PAGE_SIZE = 100
const RETRIES = 5
const RETRIED_STATUSES = new Set([408, 429, 500, 502, 503, 504])
const ENDED = new Set(["completed", "failed", "canceled"])
/** Milliseconds after which a request counts as lost. */
const REQUEST_TIMEOUT = 30_000
/** Milliseconds without a byte after which a stream counts as lost. The server sends a comment every 15 s. */
const STREAM_TIMEOUT = 45_000
/** Milliseconds between two requests where the server, or a proxy in front of it, offers no event stream. */
const POLL_INTERVAL = 2000
/** Milliseconds between two updates, except for changes of state. */
const MIN_INTERVAL = 500

/** Any error of this client. */
export class PressrunError extends Error {
  /**
   * @param {string} message
   * @param {string} [remedy]
   */
  constructor(message, remedy = "") {
    super([message, remedy].filter(Boolean).map((part) => part.replace(/\.$/, "")).join(". "))
    this.name = new.target.name
    this.remedy = remedy
  }
}

/** The server does not answer. */
export class ConnectionFailedError extends PressrunError {}
/** A webhook was not sent by your server, was changed on its way, or is too old. */
export class SignatureError extends PressrunError {}

/** The server rejected the request. */
export class ApiError extends PressrunError {
  /**
   * @param {number} status
   * @param {Fields} problem
   */
  constructor(status, problem) {
    super(problem.detail || problem.title || `The server answered ${status}`, problem.remedy)
    this.status = status
    this.problem = problem
    /** One entry for each field or row that is wrong: path, row, column, found, expected, message. */
    this.errors = /** @type {Fields[]} */ (problem.errors ?? [])
    /** The last part of the type of the problem, e.g. `wrong-field`. */
    this.type = String(problem.type ?? "").split(":").pop()
  }
}

/** The token is missing, invalid or expired. */
export class AuthenticationError extends ApiError {}
/** The token does not allow the request. */
export class PermissionError extends ApiError {}
/** It does not exist or belongs to someone else. */
export class NotFoundError extends ApiError {}
/** The state of the job does not allow the request; `problem.allowed` lists what is allowed. */
export class ConflictError extends ApiError {}
/** A field, parameter or row is wrong. */
export class RequestError extends ApiError {}
/** Too many requests. */
export class RateLimitError extends ApiError {}
/** The server has a problem. */
export class ServerError extends ApiError {}

/** @type {Map<number, typeof ApiError>} */
const BY_STATUS = new Map([
  [401, AuthenticationError], [403, PermissionError], [404, NotFoundError], [409, ConflictError], [429, RateLimitError],
])

/**
 * @param {Response} response
 * @returns {Promise<ApiError>}
 */
async function errorOf(response) {
  /** @type {any} */
  let problem = null
  try {
    problem = await response.json()
  } catch {
    // Not one of Pressrun's; a proxy, for example.
  }
  if (problem === null || typeof problem !== "object") {
    problem = { detail: `The server answered ${response.status} without an explanation` }
  }
  const kind = BY_STATUS.get(response.status) ?? (response.status >= 500 ? ServerError : RequestError)
  return new kind(response.status, problem)
}

/** @param {number} attempt */
const retryDelay = (attempt) => Math.min(30_000, 500 * 2 ** attempt) * (0.5 + Math.random() / 2)
/** @param {Response} response */
const retryAfter = (response) => 1000 * (Number(response.headers.get("Retry-After")) || 0)

/**
 * @param {number} milliseconds
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const stop = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener("abort", stop, { once: true })
  })
}

/** Create bulk jobs, follow them, and download what they make. */
export class BulkJobsClient {
  /** @type {Set<ProgressCallback>} */
  #callbacks = new Set()

  /**
   * @param {object} options
   * @param {string} options.apiKey The token that `pressrun token create` prints
   * @param {string} [options.baseURL] Where `pressrun serve` listens; in a browser, the page's own server by default
   * @param {typeof fetch} [options.fetch] Another implementation of `fetch`
   */
  constructor({ apiKey, baseURL, fetch: ownFetch }) {
    this.baseURL = (baseURL ?? globalThis.location?.origin ?? "http://127.0.0.1:8750").replace(/\/+$/, "")
    this.fetch = ownFetch ?? globalThis.fetch.bind(globalThis)
    this.headers = { Authorization: `Bearer ${apiKey}` }
  }

  /**
   * Create a job from a sheet, from rows or from CSV text, or from a full body. Only one job is created even if the
   * request has to be repeated.
   *
   * @param {NewJobFields & Fields} fields
   * @param {{ idempotencyKey?: string }} [options]
   * @returns {Promise<Job & Fields>}
   */
  createJob(fields, { idempotencyKey = crypto.randomUUID() } = {}) {
    return this.#data("POST", BASE, { body: jobBody(fields), headers: { "Idempotency-Key": idempotencyKey } })
  }

  /**
   * Report what would become of the same call of `createJob`, without creating anything.
   *
   * @param {NewJobFields & Fields} fields
   * @returns {Promise<Fields>}
   */
  validate(fields) {
    return this.#data("POST", `${BASE}/validate`, { body: jobBody(fields) })
  }

  /**
   * Get a job.
   *
   * @param {string} id
   * @returns {Promise<Job & Fields>}
   */
  getJob(id) {
    return this.#data("GET", jobPath(id))
  }

  /**
   * List all your jobs, newest first. Pages are requested as the loop needs them.
   *
   * @param {{ state?: string, sort?: string, order?: string }} [filter]
   * @returns {AsyncGenerator<Job & Fields>}
   */
  listJobs(filter = {}) {
    return this.#pages(BASE, "jobs", filter)
  }

  /**
   * Pause a running job. Running stages finish, and no new stage starts.
   *
   * @param {string} id
   * @returns {Promise<Job & Fields>}
   */
  pause(id) {
    return this.#move(id, "pause")
  }

  /**
   * Resume a paused job.
   *
   * @param {string} id
   * @returns {Promise<Job & Fields>}
   */
  resume(id) {
    return this.#move(id, "resume")
  }

  /**
   * Cancel a job. Waiting items are not made, running ones stop within seconds, finished ones stay.
   *
   * @param {string} id
   * @returns {Promise<Job & Fields>}
   */
  cancel(id) {
    return this.#move(id, "cancel")
  }

  /**
   * Retry the failed items of a failed job, each from the stage that failed.
   *
   * @param {string} id
   * @returns {Promise<Job & Fields>}
   */
  retry(id) {
    return this.#move(id, "retry")
  }

  /**
   * Get the progress of a job and an estimate of the time left.
   *
   * @param {string} id
   * @returns {Promise<Fields>}
   */
  progress(id) {
    return this.#data("GET", `${jobPath(id)}/progress`)
  }

  /**
   * List the items of a job in the order of their rows.
   *
   * @param {string} id
   * @returns {AsyncGenerator<Fields>}
   */
  items(id) {
    return this.#pages(`${jobPath(id)}/items`, "items")
  }

  /**
   * List the events of a job so far, oldest first.
   *
   * @param {string} id
   * @returns {AsyncGenerator<Fields>}
   */
  events(id) {
    return this.#pages(`${jobPath(id)}/events`, "events")
  }

  /**
   * List the finished files of one row.
   *
   * @param {string} id
   * @param {number} row
   * @returns {Promise<FileInfo[]>}
   */
  async files(id, row) {
    return (await this.#data("GET", `${jobPath(id)}/items/${row}/files`)).files
  }

  /**
   * Get the results of a job as CSV text, one line for each row.
   *
   * @param {string} id
   * @returns {Promise<string>}
   */
  async resultsCsv(id) {
    return (await this.#send("GET", `${jobPath(id)}/results.csv`)).text()
  }

  /**
   * Sum up the jobs that were created in a range of days (UTC), the last 30 by default.
   *
   * @param {{ start_date?: string, end_date?: string, group_by?: string }} [options]
   * @returns {Promise<Fields>}
   */
  getJobAnalytics(options = {}) {
    return this.#data("GET", `${BASE}/analytics`, { params: options })
  }

  /**
   * Stream all finished files of a job as a ZIP file. The stream continues where it was cut.
   *
   * @param {string} id
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {ReadableStream<Uint8Array>}
   */
  download(id, options = {}) {
    return this.#resumable(`${jobPath(id)}/download`, options.signal)
  }

  /**
   * Stream one file of a row. The stream continues where it was cut.
   *
   * @param {string} id
   * @param {number} row
   * @param {string | FileInfo} file
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {ReadableStream<Uint8Array>}
   */
  downloadFile(id, row, file, options = {}) {
    const name = typeof file === "string" ? file : file.name
    const path = name.split("/").map(encodeURIComponent).join("/")
    return this.#resumable(`${jobPath(id)}/items/${row}/files/${path}`, options.signal)
  }

  /**
   * Call `callback` for the updates of all jobs that `monitorJob` follows. Returns a function that removes it.
   *
   * @param {ProgressCallback} callback
   * @returns {() => void}
   */
  addProgressCallback(callback) {
    this.#callbacks.add(callback)
    return () => void this.#callbacks.delete(callback)
  }

  /**
   * Follow a job until it ends: an update at once, one for each change, and a last one. Survives restarts of the server.
   *
   * @param {string} id
   * @param {ProgressCallback} [callback]
   * @param {{ signal?: AbortSignal, reconnectTimeout?: number }} [options] Give up after so many milliseconds without an
   *   answer of the server: ten minutes by default
   * @returns {Promise<Update>} The final state
   */
  async monitorJob(id, callback, { signal, reconnectTimeout = 600_000 } = {}) {
    let shown = ""
    let shownAt = -Infinity
    let answeredAt = Date.now()
    let failures = 0
    let streams = true
    const position = { id: "" }

    /** @param {Fields | null} event */
    const refresh = async (event) => {
      const job = /** @type {Job} */ (await this.#data("GET", jobPath(id), { signal }))
      answeredAt = Date.now()
      failures = 0
      const update = /** @type {Update} */ ({ ...job, event })
      if (JSON.stringify(job) !== shown) {
        shown = JSON.stringify(job)
        shownAt = Date.now()
        callback?.(update)
        for (const each of this.#callbacks) each(update)
      }
      return ENDED.has(job.state) ? update : null
    }

    for (;;) {
      try {
        const ended = await refresh(null)
        if (ended) return ended
        if (!streams) {
          await sleep(POLL_INTERVAL, signal)
          continue
        }
        const stream = this.#eventStream(`${jobPath(id)}/events`, position, signal)
        for (let next = await stream.next(); ; next = await stream.next()) {
          if (next.done) {
            streams = next.value
            break
          }
          const important = next.value && !["progress", "stage", "note"].includes(next.value.kind)
          if (important || Date.now() - shownAt >= MIN_INTERVAL) {
            const done = await refresh(next.value)
            if (done) {
              await stream.return(true)
              return done
            }
          }
        }
      } catch (error) {
        signal?.throwIfAborted()
        const passing =
          error instanceof ConnectionFailedError || error instanceof ServerError || error instanceof RateLimitError
        if (!passing || Date.now() - answeredAt > reconnectTimeout) throw error
        await sleep(Math.min(5000, retryDelay(failures++)), signal)
      }
    }
  }

  /**
   * Yield the events of a job, and null for a comment that keeps the connection alive. Returns whether the server offers
   * a stream at all.
   *
   * @param {string} path
   * @param {{ id: string }} position
   * @param {AbortSignal} [signal]
   * @returns {AsyncGenerator<Fields | null, boolean>}
   */
  async *#eventStream(path, position, signal) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "text/event-stream" }
    if (position.id) headers["Last-Event-ID"] = position.id
    const silence = new AbortController()
    const stop = () => silence.abort(signal?.reason)
    signal?.addEventListener("abort", stop, { once: true })
    let timer = setTimeout(() => silence.abort(), STREAM_TIMEOUT)
    try {
      const response = await this.fetch(this.baseURL + path, {
        headers: { ...this.headers, ...headers }, signal: silence.signal,
      })
      if (!response.ok) {
        await sleep(retryAfter(response), signal)
        throw await errorOf(response)
      }
      if (response.status === 204) return true
      if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) return false
      const decoder = new TextDecoder()
      let unread = ""
      let id = position.id
      /** @type {string[]} */
      let data = []
      for await (const chunk of chunksOf(response)) {
        clearTimeout(timer)
        timer = setTimeout(() => silence.abort(), STREAM_TIMEOUT)
        const lines = (unread + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r/)
        unread = lines.pop() ?? ""
        for (const line of lines) {
          if (line.startsWith("id:")) id = line.slice(3).trim()
          else if (line.startsWith("data:")) data.push(line.slice(5))
          else if (line.startsWith("event:") && line.slice(6).trim() === "end") return true
          else if (line.startsWith(":")) yield null
          else if (line === "" && data.length) {
            const event = JSON.parse(data.join("\n"))
            data = []
            position.id = id
            yield event
          }
        }
      }
      return true
    } catch (error) {
      if (error instanceof PressrunError) throw error
      signal?.throwIfAborted()
      throw connectionError(this.baseURL, error)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener("abort", stop)
      silence.abort()
    }
  }

  /**
   * @param {string} path
   * @param {AbortSignal} [signal]
   * @returns {ReadableStream<Uint8Array>}
   */
  #resumable(path, signal) {
    const chunks = this.#chunks(path, signal)
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await chunks.return(undefined)
      },
    })
  }

  /**
   * @param {string} path
   * @param {AbortSignal} [signal]
   * @returns {AsyncGenerator<Uint8Array, void>}
   */
  async *#chunks(path, signal) {
    let received = 0
    let total = Infinity
    let etag = ""
    let fruitless = 0
    while (received < total) {
      const before = received
      /** @type {unknown} */
      let failure
      try {
        const range = { Range: `bytes=${received}-`, "If-Range": etag }
        const response = await this.#send("GET", path, { headers: received ? range : {}, signal, stream: true })
        if (received && response.status !== 206) {
          throw new PressrunError("The file changed on the server while it was downloaded", "Download it again")
        }
        etag = response.headers.get("ETag") ?? etag
        const length = response.headers.get("Content-Length")
        if (length !== null && !response.headers.get("Content-Encoding")) total = received + Number(length)
        for await (const chunk of chunksOf(response)) {
          received += chunk.length
          yield chunk
        }
        if (total === Infinity) return
      } catch (error) {
        signal?.throwIfAborted()
        if (error instanceof PressrunError && !(error instanceof ConnectionFailedError)) throw error
        failure = error
      }
      fruitless = received > before ? 0 : fruitless + 1
      if (received < total && (fruitless >= 6 || (received > 0 && !etag))) throw connectionError(this.baseURL, failure)
      if (received < total) await sleep(retryDelay(fruitless), signal)
    }
  }

  /**
   * @param {string} id
   * @param {string} action
   * @returns {Promise<any>}
   */
  #move(id, action) {
    // Not repeated if its answer was lost: the second one could be rejected although the first one worked.
    return this.#data("POST", `${jobPath(id)}/${action}`, { repeatable: false })
  }

  /**
   * @param {string} path
   * @param {string} field
   * @param {Fields} [params]
   * @returns {AsyncGenerator<any>}
   */
  async *#pages(path, field, params = {}) {
    /** @type {string | null} */
    let token = null
    do {
      /** @type {Fields} */
      const page = await this.#data("GET", path, { params: { page_size: PAGE_SIZE, ...params, page_token: token } })
      yield* page[field]
      token = page.next_page_token ?? null
    } while (token !== null)
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {RequestOptions} [options]
   * @returns {Promise<any>}
   */
  async #data(method, path, options) {
    const response = await this.#send(method, path, options)
    const answer = await response.json().catch(() => null)
    if (answer?.data === undefined) {
      throw new ConnectionFailedError(`${this.baseURL}${path} did not answer like a Pressrun server`, "Check baseURL")
    }
    return answer.data
  }

  /**
   * @typedef {object} RequestOptions
   * @property {Fields} [params]
   * @property {unknown} [body]
   * @property {Record<string, string>} [headers]
   * @property {boolean} [repeatable] Whether a second request has no effect beyond the first one's
   * @property {boolean} [stream] Whether the response is read later, however long that takes
   * @property {AbortSignal} [signal]
   */
  /**
   * @param {string} method
   * @param {string} path
   * @param {RequestOptions} [options]
   * @returns {Promise<Response>}
   */
  async #send(method, path, { params = {}, body, headers = {}, repeatable = true, stream = false, signal } = {}) {
    const url = new URL(this.baseURL + path)
    for (const [name, value] of Object.entries(params)) {
      if (value !== undefined && value !== null) url.searchParams.set(name, String(value))
    }
    /** @type {Record<string, string>} */
    const all = { ...this.headers, ...headers }
    if (body !== undefined) all["Content-Type"] = "application/json"
    for (let attempt = 0; ; attempt++) {
      /** @type {unknown} */
      let failure
      let delay = retryDelay(attempt)
      let retryable = repeatable
      const timeout = new AbortController()
      const timer = setTimeout(() => timeout.abort(new Error("no answer within 30 s")), REQUEST_TIMEOUT)
      const stop = () => timeout.abort(signal?.reason)
      signal?.throwIfAborted()
      signal?.addEventListener("abort", stop, { once: true })
      try {
        const response = await this.fetch(url, {
          method, headers: all, body: body === undefined ? undefined : JSON.stringify(body), signal: timeout.signal,
        })
        if (response.ok) return stream ? response : await buffered(response)
        failure = await errorOf(response)
        retryable = RETRIED_STATUSES.has(response.status) && (repeatable || response.status === 429)
        delay = Math.max(delay, retryAfter(response))
      } catch (error) {
        signal?.throwIfAborted()
        failure = connectionError(this.baseURL, error)
      } finally {
        clearTimeout(timer)
        if (!stream) signal?.removeEventListener("abort", stop)
      }
      if (!retryable || attempt === RETRIES) throw failure
      await sleep(delay, signal)
    }
  }
}

/** @param {Response} response */
async function buffered(response) {
  const { status, headers } = response
  return new Response(status === 204 ? null : await response.arrayBuffer(), { status, headers })
}

/**
 * Safari has no `for await` over streams.
 *
 * @param {Response} response
 * @returns {AsyncGenerator<Uint8Array>}
 */
async function* chunksOf(response) {
  const reader = response.body?.getReader()
  if (!reader) return
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

/**
 * @param {string} url
 * @param {unknown} error
 */
function connectionError(url, error) {
  const cause = /** @type {any} */ (error)?.cause ?? error
  const reason = cause?.code ?? cause?.message ?? "the connection was lost"
  return new ConnectionFailedError(`The server at ${url} does not answer: ${reason}`, "Check baseURL, and that it runs")
}

/** @param {string} id */
const jobPath = (id) => `${BASE}/${encodeURIComponent(id)}`

/**
 * @param {NewJobFields & Fields} fields
 * @returns {Fields}
 */
function jobBody({ sheet_id, range, rows, csv, output_bucket, template_id, ...body }) {
  const sources = []
  if (sheet_id !== undefined) sources.push({ type: "sheet", sheet_id, ...(range === undefined ? {} : { range }) })
  if (rows !== undefined) sources.push({ type: "rows", rows })
  if (csv !== undefined) sources.push({ type: "csv", content: csv })
  if (body.input_source !== undefined) sources.push(body.input_source)
  if (sources.length !== 1) throw new TypeError("Give exactly one of sheet_id, rows, csv and input_source")
  body.input_source = sources[0]
  if (output_bucket !== undefined) body.output = { ...body.output, output_bucket }
  if (template_id !== undefined) body.template = { ...body.template, template_id }
  return body
}

/**
 * Return the event of a webhook that your server sent, as Standard Webhooks describes it.
 *
 * @param {string | Uint8Array} body Exactly as it was received
 * @param {Headers | Fields} headers
 * @param {string} secret It starts with `whsec_`
 * @param {{ tolerance?: number }} [options] Seconds that the time of a webhook may differ from yours
 * @returns {Promise<Fields>}
 */
export async function verifyWebhook(body, headers, secret, { tolerance = 300 } = {}) {
  const found = new Headers(/** @type {HeadersInit} */ (headers))
  /** @param {string} name */
  const header = (name) => {
    const value = found.get(name)
    if (value === null) throw new SignatureError(`The request has no header ${name}`, "Pass all headers of the request")
    return value
  }
  const id = header("webhook-id")
  const sent = header("webhook-timestamp")
  const signatures = header("webhook-signature").split(" ")
  const encoder = new TextEncoder()
  const content = typeof body === "string" ? encoder.encode(body) : body
  const prefix = encoder.encode(`${id}.${sent}.`)
  const signed = new Uint8Array(prefix.length + content.length)
  signed.set(prefix)
  signed.set(content, prefix.length)
  /** @type {Uint8Array} */
  let secretBytes
  try {
    secretBytes = bytesOf(secret.replace(/^whsec_/, ""))
  } catch {
    throw new SignatureError("The secret is not one of Pressrun's", "Pass the text that starts with whsec_")
  }
  const usage = { name: "HMAC", hash: "SHA-256" }
  const key = await crypto.subtle.importKey("raw", /** @type {BufferSource} */ (secretBytes), usage, false, ["verify"])
  let valid = false
  for (const signature of signatures.filter((each) => each.startsWith("v1,"))) {
    try {
      valid ||= await crypto.subtle.verify("HMAC", key, /** @type {BufferSource} */ (bytesOf(signature.slice(3))), signed)
    } catch {
      // Not base64, so not a signature.
    }
  }
  if (!valid) throw new SignatureError("The signature does not match", "Pass the body as it was received, and check the secret")
  if (!(Math.abs(Date.now() / 1000 - Number(sent)) <= tolerance)) {
    throw new SignatureError("The webhook is too old or from the future", "Check the clock of this machine")
  }
  return JSON.parse(new TextDecoder().decode(content))
}

/** @param {string} base64 */
const bytesOf = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
