package ledger

import _ "embed" // for the script

// Script is a program in Python that checks a proof with openssl and nothing of ours: python3 verify.py PUBLIC.pem PROOF RECORD [CHECKPOINT].
//
//go:embed verify.py
var Script []byte
