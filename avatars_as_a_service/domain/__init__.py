"""The pure part: features, key, seed rule, prompt, prices, signatures. No I/O, no clock, no environment, no chance."""
