"""All measurements, one after the other: `python -m bench`, or `make bench`."""

from bench import repaint, speed

speed.main()
print()
repaint.main()
