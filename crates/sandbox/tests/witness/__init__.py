"""Witnesses of the sandbox's AWS front: programs that we did not write decide whether it speaks the truth.

Every answer is checked, as raw bytes, against botocore's service model (`model`); scenarios call what AWS documents, as
AWS documents it (`scenarios`); the same calls go to moto and ministack (`compare`); and no operation that the sandbox
offers may go unexercised (`coverage`).

By hand, from `crates/sandbox/tests`: `python -m witness --sandbox URL --ministack URL [scenario…]`.
"""
