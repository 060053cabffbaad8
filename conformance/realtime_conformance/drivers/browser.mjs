// The page of the driver for browsers: a call as the public guide to WebRTC has it, and conversation.mjs on its channel.
import { Conversation, Lost, deferred, sleep } from "./conversation.mjs";

const QUIET = 0.004;
const CONNECT_WITHIN = 10;

const tell = (kind, what) => window.report(kind, what);

class Refused extends Error {}

// What comes is heard, and counted where it is no silence.
class Ears {
  samples = 0;

  constructor(context) {
    this.context = context;
  }

  listen(stream) {
    // Chromium lets nothing through of a remote stream that no element plays.
    this.element = new Audio();
    this.element.srcObject = stream;
    this.element.play();
    const source = this.context.createMediaStreamSource(stream);
    const counter = this.context.createScriptProcessor(1024, 1, 1);
    counter.onaudioprocess = ({ inputBuffer }) => {
      const loud = inputBuffer.getChannelData(0).some((sample) => Math.abs(sample) > QUIET);
      if (loud) this.samples += inputBuffer.length;
    };
    source.connect(counter).connect(this.context.destination);
  }

  get seconds() {
    return this.samples / this.context.sampleRate;
  }
}

class Call {
  carriesAudio = true;

  constructor(task, context) {
    this.task = task;
    this.context = context;
    this.ears = new Ears(context);
    this.microphone = context.createMediaStreamDestination();
    this.peer = new RTCPeerConnection();
    this.peer.ontrack = ({ streams }) => this.ears.listen(streams[0]);
    for (const track of this.microphone.stream.getTracks()) this.peer.addTrack(track, this.microphone.stream);
    this.channel = this.peer.createDataChannel("oai-events");
    this.opened = deferred();
    this.channel.onopen = () => this.opened.resolve();
  }

  async open(conversation) {
    this.channel.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === "error") conversation.fail(event.error?.message ?? "an error");
      else conversation.take(event);
    };
    this.channel.onclose = () => conversation.end("the data channel is closed");
    this.peer.onconnectionstatechange = () => {
      const state = this.peer.connectionState;
      if (state === "failed" || state === "closed") conversation.end(`the connection is ${state}`);
    };
    await this.peer.setLocalDescription(await this.peer.createOffer());
    const { baseUrl, key, model } = this.task;
    const form = new FormData();
    form.set("sdp", this.peer.localDescription.sdp);
    form.set("session", JSON.stringify({ type: "realtime", model }));
    const headers = { Authorization: `Bearer ${key}` };
    const response = await fetch(`${baseUrl}/realtime/calls`, { method: "POST", body: form, headers });
    if (!response.ok) throw new Refused(`refused with status ${response.status}: ${await response.text()}`);
    await this.peer.setRemoteDescription({ type: "answer", sdp: await response.text() });
    const isOpen = await Promise.race([this.opened.promise.then(() => true), sleep(CONNECT_WITHIN)]);
    if (!isOpen) throw new Lost("the data channel did not open");
  }

  send(event) {
    if (this.channel.readyState !== "open") throw new Lost("the data channel is closed");
    this.channel.send(JSON.stringify(event));
  }

  async speak(audio) {
    const words = this.context.createBufferSource();
    words.buffer = await this.context.decodeAudioData(audio.slice(0));
    words.connect(this.microphone);
    const ended = new Promise((resolve) => (words.onended = resolve));
    words.start();
    await ended;
  }

  close() {
    this.channel.onclose = null;
    this.peer.close();
  }
}

window.perform = async (task) => {
  const context = new AudioContext({ sampleRate: 48_000 });
  task.speech = await (await fetch("question.wav")).arrayBuffer();
  const call = new Call(task, context);
  const conversation = new Conversation(task, call, tell);
  try {
    await call.open(conversation);
    await conversation.perform();
    // What is under way is still heard.
    await sleep(0.2);
  } catch (error) {
    if (error instanceof Lost) tell("closed", { reason: error.message });
    else if (error instanceof Refused || error instanceof TypeError) tell("error", { message: error.message });
    else throw error;
  }
  call.close();
  tell("heard", { seconds: call.ears.seconds });
};
