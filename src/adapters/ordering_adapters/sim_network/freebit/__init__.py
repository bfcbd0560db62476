"""Line orders over Freebit's form API; the partner's contract has the last word (japan-telecom 3.1)."""
