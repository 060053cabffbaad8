// Callers on libdatachannel: a stack that shares nothing with the servers it calls, in a process of its own.
//
//     node callers.mjs FOLDER < order.json
//
// FOLDER has node_modules/node-datachannel. The order says where to call, how often, for how long, what the microphones
// say and who listens. Answers are lines of JSON: what was reached, then what was measured.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

const { PeerConnection, Audio } = createRequire(`${process.argv[2]}/`)("node-datachannel");
const order = JSON.parse(readFileSync(0, "utf8"));
const packets = order.packets.map((packet) => Buffer.from(packet, "base64"));
const FRAME_MS = 20;
const DEADLINE_MS = 15000;
const HEADERS = { Authorization: "Bearer sk-mock", "Content-Type": "application/sdp" };
// libdatachannel keeps the last fingerprint of an answer, and sometimes begins to verify before it has read which
// algorithm that is: then it takes SHA-256, and refuses a certificate that is right (aiortc offers three).
const OTHER_FINGERPRINTS = /a=fingerprint:sha-(?!256)[^\r\n]*\r?\n/gi;
const KINDS = ["output_audio_buffer.started", "input_audio_buffer.speech_started"];

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const within = (ms, work, why) => Promise.race([work, sleep(ms).then(() => Promise.reject(new Error(why)))]);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

class Call {
  constructor(number) {
    this.number = number;
    this.isProbe = number % Math.max(1, Math.floor(order.calls / order.probes)) === 0;
    this.events = Object.fromEntries(KINDS.map((kind) => [kind, 0]));
    this.times = {};
    this.clear();
    this.ssrc = 1000 + number;
    this.sequence = 0;
    this.position = Math.floor((number * packets.length) / order.calls);
    this.due = 0;
  }

  clear() {
    this.arrivals = [];
    this.stamps = [];
  }

  async dial() {
    this.peer = new PeerConnection(`call ${this.number}`, { iceServers: [], disableAutoNegotiation: true });
    const audio = new Audio("0", "SendRecv");
    audio.addOpusCodec(111);
    audio.addSSRC(this.ssrc, "caller", "stream", "track");
    this.track = this.peer.addTrack(audio);
    this.track.onMessage((packet) => this.hear(packet));
    this.channel = this.peer.createDataChannel("oai-events");
    this.channel.onMessage((text) => this.take(text));
    const opened = new Promise((done) => this.channel.onOpen(done));
    const gathered = new Promise((done) => this.peer.onGatheringStateChange((state) => state === "complete" && done()));
    this.heard = new Promise((done) => (this.onHeard = done));
    this.peer.setLocalDescription("offer");
    await gathered;
    const begin = performance.now();
    const body = this.peer.localDescription().sdp;
    const response = await fetch(`${order.url}/v1/realtime/calls`, { method: "POST", headers: HEADERS, body });
    const answer = await response.text();
    if (response.status !== 201) throw new Error(`${response.status}: ${answer}`);
    this.times.answer = performance.now() - begin;
    this.location = response.headers.get("location");
    this.peer.setRemoteDescription(answer.replace(OTHER_FINGERPRINTS, ""), "answer");
    await opened;
    this.times.channel = performance.now() - begin;
    await this.heard;
    this.times.audio = this.firstAudio - begin;
  }

  hear(packet) {
    if (packet.length < 12 || (packet[1] > 191 && packet[1] < 224)) return;
    const now = performance.now();
    if (this.firstAudio === undefined) {
      this.firstAudio = now;
      this.onHeard();
    }
    if (this.isProbe) {
      this.arrivals.push(now);
      this.stamps.push(packet.readUInt32BE(4));
    }
  }

  take(text) {
    if (order.mode === "plain") return;
    const { type } = JSON.parse(text);
    if (type in this.events) this.events[type] += 1;
    if (order.mode !== "deaf") return;
    // Nobody listens: the answer is asked for by text, again and again.
    if (type === "session.created") {
      const input = { turn_detection: null };
      this.send({ type: "session.update", session: { type: "realtime", audio: { input } } });
      this.send({ type: "response.create" });
    } else if (type === "output_audio_buffer.stopped") {
      this.send({ type: "response.create" });
    }
  }

  send(event) {
    this.channel.sendMessage(JSON.stringify(event));
  }

  speak() {
    const payload = packets[this.position];
    this.position = (this.position + 1) % packets.length;
    const packet = Buffer.allocUnsafe(12 + payload.length);
    packet[0] = 0x80;
    packet[1] = 111;
    packet.writeUInt16BE(this.sequence & 0xffff, 2);
    packet.writeUInt32BE((this.sequence * 960) >>> 0, 4);
    packet.writeUInt32BE(this.ssrc, 8);
    payload.copy(packet, 12);
    this.sequence += 1;
    try {
      this.track.sendMessageBinary(packet);
    } catch {
      // The call has ended, and nobody here ended it.
      this.isConnected = false;
      dropped += 1;
    }
  }

  async hangUp() {
    await fetch(`${order.url}${this.location}/hangup`, { method: "POST", headers: HEADERS });
    this.peer.close();
  }

  // Whoever keeps the pace lets each packet arrive a fixed time after its timestamp: what is above the least is late.
  measure() {
    const transits = this.arrivals.map((arrival, at) => arrival - ((this.stamps[at] - this.stamps[0]) >>> 0) / 48);
    const least = transits.reduce((a, b) => Math.min(a, b), Infinity);
    const late = transits.map((transit) => transit - least);
    const gaps = this.arrivals.slice(1).map((arrival, at) => arrival - this.arrivals[at]);
    return { late, gaps, packets: this.arrivals.length };
  }
}

function quantile(values, part) {
  const sorted = Float64Array.from(values).sort();
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] : null;
}

const calls = [];
const behind = [];
let isSpeaking = true;
let dropped = 0;

function microphones() {
  if (!isSpeaking) return;
  const now = performance.now();
  for (const call of calls) {
    if (!call.isConnected) continue;
    while (call.due <= now) {
      behind.push(now - call.due);
      call.due += FRAME_MS;
      call.speak();
    }
  }
  setTimeout(microphones, 4);
}

async function main() {
  microphones();
  for (let number = 0; number < order.calls; number += 1) {
    const call = new Call(number);
    await within(DEADLINE_MS, call.dial(), `call ${number} was not connected`);
    call.isConnected = order.microphones;
    call.due = performance.now() + (FRAME_MS * number) / order.calls;
    if (order.one_by_one) {
      await call.hangUp();
      await sleep(100);
    }
    calls.push(call);
  }
  if (order.one_by_one) {
    tell({ stage: "done", times: calls.map((call) => call.times) });
    return end();
  }
  await sleep(order.settle * 1000);
  for (const call of calls) call.clear();
  behind.length = 0;
  const began = performance.now();
  tell({ stage: "measuring" });
  await sleep(order.seconds * 1000);
  const seconds = (performance.now() - began) / 1000;
  tell({ stage: "measured" });
  const heard = calls.filter((call) => call.isProbe).map((call) => call.measure());
  const late = heard.flatMap((each) => each.late);
  const gaps = heard.flatMap((each) => each.gaps);
  const events = Object.fromEntries(KINDS.map((kind) => [kind, calls.reduce((sum, call) => sum + call.events[kind], 0)]));
  tell({
    stage: "done",
    late_p50: quantile(late, 0.5),
    late_p99: quantile(late, 0.99),
    gap_p99: quantile(gaps, 0.99),
    gap_max: quantile(gaps, 1),
    rate: heard.reduce((sum, each) => sum + each.packets, 0) / heard.length / seconds,
    dropped,
    load_late_p99: quantile(behind, 0.99),
    events,
    times: calls.map((call) => call.times),
  });
  isSpeaking = false;
  for (const call of calls) await call.hangUp();
  await end();
}

async function end() {
  await sleep(200);
  process.exit(0);
}

main().catch((error) => {
  tell({ stage: "failed", error: String(error) });
  process.exit(1);
});
