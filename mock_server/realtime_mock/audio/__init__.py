"""Pure audio arithmetic: PCM, G.711, WAV. Values in, values out; no clock, no device."""
