from __future__ import annotations

import av

from budgetfit.video.kept_frames import KeptFrames


def test_frames_are_kept_up_to_the_limit() -> None:
    frames = [av.VideoFrame(64, 64, "gray8") for _ in range(3)]
    num_bytes = frames[0].planes[0].buffer_size
    kept = KeptFrames(2 * num_bytes)
    for pts, frame in enumerate(frames):
        kept.add(pts, frame)
    kept.add(0, frames[2])
    assert [kept.get(pts) for pts in range(4)] == [frames[0], frames[1], None, None]
    kept.clear()
    kept.add(2, frames[2])
    assert [kept.get(pts) for pts in range(3)] == [None, None, frames[2]]
