"""A race on disk: recorded, read, and gone on with."""

from gdtui.recording.reading import Recording as Recording
from gdtui.recording.reading import read as read
from gdtui.recording.writing import write as write
