// A conversation over whatever carries events, for the drivers of libraries that leave this to applications.
// `wire` has send(event), speak(pcm), close(), and carriesAudio; `tell(kind, what)` reports.
// The exercises are those of docs/reference/driver.md.

const PATIENCE = 5_000;
const BYTES_PER_SECOND = 48_000;
const CHUNK = 4_800;

export const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

export function taskOf(environment) {
  const told = (name) => environment[`REALTIME_${name}`];
  return {
    exercise: told("EXERCISE"),
    url: told("URL"),
    baseUrl: environment.OPENAI_BASE_URL,
    key: environment.OPENAI_API_KEY,
    model: told("MODEL"),
    instructions: told("INSTRUCTIONS"),
    texts: JSON.parse(told("TEXTS")),
    turns: Number(told("TURNS")),
    modality: told("MODALITY"),
    tools: JSON.parse(told("TOOLS")),
    output: told("FUNCTION_OUTPUT"),
    interruptBy: told("INTERRUPT_BY"),
    interruptAt: told("INTERRUPT_AT"),
    interruptAfter: Number(told("INTERRUPT_AFTER")),
    audio: told("AUDIO"),
  };
}

// A promise that others settle.
export function deferred() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  made.promise.catch(() => {});
  return made;
}

export class Lost extends Error {}

export class Conversation {
  constructor(task, wire, tell) {
    Object.assign(this, { task, wire, tell });
    this.answers = new Map();
    this.active = null;
    this.lost = deferred();
    this.begin();
  }

  // Forget the session: another one begins.
  begin() {
    this.created = deferred();
    this.updated = deferred();
    this.coming = null;
    this.active = null;
  }

  // What became of the connection; whatever waits is told.
  end(reason) {
    this.lost.reject(new Lost(reason));
  }

  until(promise) {
    return Promise.race([promise, this.lost.promise]);
  }

  withinPatience(promise) {
    return this.until(Promise.race([promise, sleep(PATIENCE / 1000)]));
  }

  async configure() {
    const { instructions, tools, modality } = this.task;
    const session = { type: "realtime", instructions, audio: { input: { transcription: { model: "gpt-4o-mini-transcribe" } } } };
    if (tools.length) session.tools = tools;
    if (modality !== "audio") session.output_modalities = [modality];
    await this.withinPatience(this.created.promise);
    this.wire.send({ type: "session.update", session });
    await this.withinPatience(this.updated.promise);
  }

  take(event) {
    const response = event.response?.id ?? event.response_id;
    const answer = this.answers.get(response);
    switch (event.type) {
      case "session.created":
        return this.created.resolve();
      case "session.updated":
        return this.updated.resolve();
      case "response.created":
        return this.start(response);
      case "response.output_text.delta":
      case "response.output_audio_transcript.delta":
        return answer?.read(event);
      case "response.output_audio.delta":
        return answer?.hear(event);
      case "output_audio_buffer.started":
        return answer?.begun.resolve();
      case "output_audio_buffer.stopped":
      case "output_audio_buffer.cleared":
        return answer?.playedOut.resolve();
      case "response.done":
        return this.finish(answer, event.response);
      case "input_audio_buffer.speech_started":
        for (const each of this.answers.values()) each.stop();
        return;
      case "conversation.item.input_audio_transcription.completed":
        return this.tell("user", { text: event.transcript });
    }
  }

  // An error of the server's, as the library gives it.
  fail(message) {
    this.tell("error", { message });
    this.updated.resolve();
    if (this.coming && !this.coming.answer) this.coming.resolve(null);
  }

  start(id) {
    const answer = new Answer(id);
    this.answers.set(id, answer);
    this.active = id;
    if (this.coming) {
      this.coming.answer = answer;
      this.coming.resolve(answer);
    }
  }

  finish(answer, response) {
    if (!answer || answer.isDone) return;
    answer.isDone = true;
    if (this.active === answer.id) this.active = null;
    if (response.status === "completed") {
      answer.calls = (response.output ?? []).filter((item) => item.type === "function_call");
    } else if (!answer.muted) {
      const details = response.status_details;
      this.tell("error", { message: details?.error?.message ?? details?.reason ?? `the response is ${response.status}` });
    }
    answer.failed = response.status !== "completed";
    answer.done.resolve();
  }

  // The answer that begins next; null where it was refused.
  next() {
    this.coming = deferred();
    const coming = this.until(this.coming.promise);
    // Who asks for it may be busy, speaking for instance, when the connection is lost.
    coming.catch(() => {});
    return coming;
  }

  ask() {
    const coming = this.next();
    this.wire.send({ type: "response.create" });
    return coming;
  }

  write(text) {
    const content = [{ type: "input_text", text }];
    this.wire.send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
  }

  async speak(pcm) {
    if (this.wire.carriesAudio) return this.until(this.wire.speak(pcm));
    for (let start = 0; start < pcm.length; start += CHUNK) {
      const audio = Buffer.from(pcm.subarray(start, start + CHUNK)).toString("base64");
      this.wire.send({ type: "input_audio_buffer.append", audio });
      await this.until(sleep(0.01));
    }
  }

  async finished(answer) {
    await this.until(answer.done.promise);
    if (this.wire.carriesAudio && answer.isSpoken && !answer.failed) await this.until(answer.playedOut.promise);
  }

  async turn(text) {
    this.write(text);
    let answer = await this.ask();
    while (answer) {
      await this.finished(answer);
      this.show(answer);
      if (!answer.calls.length) return;
      for (const call of answer.calls) this.run(call);
      answer = await this.ask();
    }
  }

  run({ name, call_id, arguments: given }) {
    this.tell("call", { name, arguments: given });
    const isKnown = this.task.tools.some((tool) => tool.name === name);
    const output = isKnown ? this.task.output : `there is no function ${name}`;
    this.wire.send({ type: "conversation.item.create", item: { type: "function_call_output", call_id, output } });
  }

  show(answer) {
    if (answer?.text) this.tell("answer", { text: answer.text });
  }

  async interrupt(answer) {
    const { interruptAt, interruptAfter, interruptBy } = this.task;
    if (interruptAt === "audio") await this.until(answer.begun.promise);
    if (interruptAt === "done") await this.until(answer.done.promise);
    await this.until(sleep(interruptAfter));
    if (interruptBy === "voice") {
      const coming = this.next();
      await this.speak(this.task.speech);
      const next = await coming;
      await this.finished(next);
      return this.show(next);
    }
    answer.stop();
    if (this.active === answer.id) this.wire.send({ type: "response.cancel" });
    if (this.wire.carriesAudio) this.wire.send({ type: "output_audio_buffer.clear" });
    await this.until(answer.done.promise);
  }

  async perform() {
    const { exercise, texts, turns } = this.task;
    await this.configure();
    if (exercise === "speak") {
      for (let turn = 0; turn < turns; turn++) {
        const coming = this.next();
        await this.speak(this.task.speech);
        const answer = await coming;
        await this.finished(answer);
        this.show(answer);
      }
      return;
    }
    const left = [...texts];
    if (exercise === "interrupt") {
      this.write(left.shift());
      const answer = await this.ask();
      if (answer) await this.interrupt(answer);
    }
    for (const text of left) await this.turn(text);
  }

  get secondsHeard() {
    return [...this.answers.values()].reduce((sum, answer) => sum + answer.seconds, 0);
  }
}

class Answer {
  constructor(id) {
    this.id = id;
    this.texts = new Map();
    this.calls = [];
    this.bytes = 0;
    this.done = deferred();
    this.begun = deferred();
    this.playedOut = deferred();
  }

  get text() {
    return [...this.texts.values()].filter(Boolean).join(" ");
  }

  get seconds() {
    return this.played ?? this.bytes / BYTES_PER_SECOND;
  }

  read({ type, item_id, content_index, delta }) {
    const place = `${item_id} ${content_index}`;
    this.texts.set(place, (this.texts.get(place) ?? "") + delta);
    if (type === "response.output_text.delta") this.begun.resolve();
    else this.isSpoken = true;
  }

  hear({ delta }) {
    if (this.muted) return;
    this.beganAt ??= performance.now();
    this.bytes += Buffer.from(delta, "base64").length;
    this.begun.resolve();
  }

  // What was heard of it by now stays heard, and no more.
  stop() {
    if (this.beganAt === undefined) return void (this.muted = true);
    const passed = (performance.now() - this.beganAt) / 1000;
    if (this.muted || passed >= this.bytes / BYTES_PER_SECOND) return;
    this.muted = true;
    this.played = passed;
  }
}
