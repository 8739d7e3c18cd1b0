"""Aligned copies: the fakes from which traces are learned and nothing else.

A real photo and its own copy, which a generator's last stage has made, differ in what that stage
leaves behind. Size, low frequencies and coding are made alike, so a detector has nothing else to
go by; see `alignment`.
"""
