// A voice page, written as the public WebRTC guide has it: the same calls in the same order.
// `startUnified()` and `startEphemeral(callsUrl)` differ only in who sends the offer to the API.

window.call = { events: [], state: "new", heard: { packets: 0, energy: 0, loudest: 0 } };

async function startUnified() {
  await place((offer) =>
    fetch("/session", {
      method: "POST",
      body: offer.sdp,
      headers: { "Content-Type": "application/sdp" },
    }),
  );
}

async function startEphemeral(callsUrl) {
  const token = await (await fetch("/token")).json();
  await place((offer) =>
    fetch(callsUrl, {
      method: "POST",
      body: offer.sdp,
      headers: {
        Authorization: `Bearer ${token.value}`,
        "Content-Type": "application/sdp",
      },
    }),
  );
}

async function place(sendOffer) {
  const pc = new RTCPeerConnection();
  window.call.pc = pc;
  setInterval(listen, 100);
  pc.onconnectionstatechange = () => show(pc.connectionState);

  const speaker = document.createElement("audio");
  speaker.autoplay = true;
  pc.ontrack = (event) => {
    window.call.streams = event.streams.length;
    speaker.srcObject = event.streams[0];
  };

  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  pc.addTrack(microphone.getTracks()[0]);

  const channel = pc.createDataChannel("oai-events");
  channel.addEventListener("message", (message) => receive(JSON.parse(message.data)));
  window.call.channel = channel;

  const offer = await pc.createOffer();
  await pc.setLocalDescription(offer);
  const response = await sendOffer(offer);
  window.call.location = response.headers.get("Location");
  await pc.setRemoteDescription({ type: "answer", sdp: await response.text() });
}

function receive(event) {
  window.call.events.push(event);
  const line = document.createElement("li");
  line.textContent = event.type;
  document.getElementById("log").append(line);
  if (event.type === "response.output_audio_transcript.done") {
    document.getElementById("answer").textContent = event.transcript;
  }
}

function show(state) {
  window.call.state = state;
  document.getElementById("state").textContent = state;
}

function send(event) {
  window.call.channel.send(JSON.stringify(event));
}

// What RTP brought so far. `audioLevel` is of this moment, so the loudest one met is kept.
async function listen() {
  const heard = window.call.heard;
  for (const report of (await window.call.pc.getStats()).values()) {
    if (report.type === "inbound-rtp" && report.kind === "audio") {
      heard.packets = report.packetsReceived;
      heard.energy = report.totalAudioEnergy;
      heard.loudest = Math.max(heard.loudest, report.audioLevel ?? 0);
    }
  }
}

function has(type) {
  return window.call.events.some((event) => event.type === type);
}
