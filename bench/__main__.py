"""All measurements, one after the other: `python -m bench`, or `make bench`."""

from bench import rail, repaint, speed

speed.main()
print()
repaint.main()
print()
rail.main()
