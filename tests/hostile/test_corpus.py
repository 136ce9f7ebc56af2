"""Odd media give the plan that a person would expect, damaged ones what is left, with a warning."""

from __future__ import annotations

import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

import budgetfit
from budgetfit.errors import VideoDecodeError, VideoError, VideoLimitError
from budgetfit.video.sources import open_source
from tests.hostile.corpus import MEDIA, cut, decreasing
from tests.hostile.seeds import NAMES, seed
from tests.video.clips import clip_bytes, make_clip, read_number


@pytest.mark.parametrize("name", MEDIA)
def test_what_a_person_expects(name: str) -> None:
    made, expected = MEDIA[name]
    content = made()
    with open_source(content) as source:
        info, seen = source.info, list(source.sample(100))
        pictures = source.decode([c.pts for c in seen], [expected.size] * len(seen))
    assert (info.width, info.height) == expected.size
    assert [c.time_s for c in seen] == pytest.approx(expected.times_s, abs=0.001)
    numbers = [n % 4 if "resolution" in name else n for n in range(len(seen))]
    assert [read_number(c.luma) for c in seen] == numbers
    assert [read_number(np.asarray(picture)) for picture in pictures] == numbers
    if expected.duration_s is not None:
        assert info.duration_s == pytest.approx(expected.duration_s, abs=0.001)


@pytest.mark.parametrize("name", ["one frame", "alpha", "animated WebP", "raw H.264", "anamorphic"])
def test_a_whole_plan(name: str) -> None:
    made, expected = MEDIA[name]
    plan = budgetfit.plan(made(), "Describe.", num_candidates=9)
    for frame in plan.frames:
        assert min(abs(frame.time_s - time_s) for time_s in expected.times_s) < 0.001
    for picture, frame in zip(plan.images(), plan.frames, strict=True):
        assert picture.size == (frame.width, frame.height)
    assert plan.warnings == ()


def test_times_that_run_backwards() -> None:
    with open_source(decreasing()) as source:
        seen = list(source.sample(9))
        assert any("run backwards" in warning for warning in source.warnings)
    assert [c.time_s for c in seen] == pytest.approx([number / 25 for number in range(6)])
    assert [read_number(c.luma) for c in seen] == [0, 1, 2, 3, 4, 5]


def test_streams_that_were_joined_show_one_after_the_other() -> None:
    part = clip_bytes(30, container_format="mpegts", gop=10, bframes=2)
    with open_source(part + part) as source:
        seen = [read_number(c.luma) for c in source.sample(100)]
        assert seen == [*range(30), *range(30)]


@pytest.mark.parametrize(
    ("content", "colour"),
    [
        ((0, 0, 255, 255), (0, 0, 255)),
        ((255, 0, 0, 0), (255, 255, 255)),
        ((0, 128, 0, 128), (127, 191, 127)),
    ],
)
def test_colours_and_transparency(content: Any, colour: tuple[int, ...]) -> None:
    pictures = [np.full((48, 64, 4), content, np.uint8)] * 2
    clip = clip_bytes(pictures, codec="ffv1", pix_fmt="bgra", container_format="matroska")
    picture = budgetfit.plan(clip, "").images()[0]
    assert picture.getpixel((5, 5)) == pytest.approx(colour, abs=1)


@pytest.mark.parametrize("side", [1, 2])
def test_a_picture_of_one_pixel_is_one_patch(side: int) -> None:
    pictures = [np.full((side, side), 200, np.uint8)] * 3
    clip = clip_bytes(
        pictures, codec="ffv1", pix_fmt="gray", width=side, height=side, container_format="matroska"
    )
    plan = budgetfit.plan(clip, "")
    assert [(p.size, p.getpixel((0, 0))) for p in plan.images()] == [((16, 16), (200, 200, 200))]


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


def test_decompression_bombs() -> None:
    """Some kilobytes that ask for gigabytes of pixels."""
    with pytest.raises(VideoLimitError, match="81000000 pixels a frame, and 67108864 are allowed"):
        open_source(png(9000, 9000))
    with pytest.raises(VideoDecodeError, match="larger than FFmpeg takes"):
        open_source(png(16384, 16384))
    webp = bytearray(seed("moving.webp"))
    webp[24:30] = b"\xff\x3f\0\xff\x3f\0"
    with pytest.raises(VideoLimitError, match="268435456 pixels a frame"):
        open_source(bytes(webp))


def test_many_frames() -> None:
    """100,000 of them, in a file of a few megabytes."""
    header, frame = b"YUV4MPEG2 W16 H16 F1000:1 Cmono\n", b"FRAME\n"
    grey = (bytes([level]) * 256 for level in np.repeat(np.arange(100, dtype=np.uint8), 1000))
    content = header + b"".join(frame + picture for picture in grey)
    plan = budgetfit.plan(content, "", num_candidates=9)
    assert plan.video.duration_s == pytest.approx(100.0)
    assert plan.warnings == ()
    for picture, shown in zip(plan.images(), plan.frames, strict=True):
        assert np.asarray(picture)[8, 8, 0] == pytest.approx(int(shown.time_s), abs=2)


def test_sound_without_video_and_nothing_at_all() -> None:
    layout = struct.pack("<HHIIHH", 1, 1, 44_100, 88_200, 2, 16)
    sound = b"RIFF\x24\x08\0\0WAVEfmt \x10\0\0\0" + layout + b"data\0\x08\0\0"
    with pytest.raises(VideoError, match=r"has no video stream \(it has: audio\)"):
        budgetfit.plan(sound + bytes(2048))
    with pytest.raises(VideoError, match="is empty"):
        budgetfit.plan(b"")


@pytest.mark.parametrize("name", ["h264.mp4", "h264-sound-turned.mov"])
def test_an_mp4_that_lost_its_index(name: str) -> None:
    with pytest.raises(VideoError, match="is an MP4 without its index"):
        open_source(cut(name, 0.4))


@pytest.mark.parametrize("share", [0.65, 0.75, 0.9])
@pytest.mark.parametrize("container_format", ["matroska", "flv", "faststart"])
def test_a_beginning_is_planned_and_what_is_lost_is_told(
    share: float, container_format: str, tmp_path: Any
) -> None:
    options: dict[str, Any] = {"gop": 5, "codec_options": {"x264-params": "keyint=5"}}
    if container_format == "faststart":
        path = tmp_path / "whole.mp4"
        make_clip(path, 50, container_options={"movflags": "faststart"}, **options)
        whole = path.read_bytes()
    else:
        whole = clip_bytes(50, container_format=container_format, **options)
    with open_source(cut(whole, share)) as source:
        shown = [read_number(c.luma) for c in source.sample(100)]
        assert shown == list(range(len(shown)))
        assert 3 < len(shown) < 48
        assert any("states 2.0 s of video and ends after" in text for text in source.warnings)


@pytest.mark.parametrize("name", NAMES)
def test_cut_off_at_every_stage(name: str) -> None:
    """A plan or a typed error; the more there is, the more is seen."""
    planned, told = 0, []
    for percent in range(0, 100, 9):
        try:
            plan = budgetfit.plan(cut(name, percent / 100), "", num_candidates=9)
        except VideoError as error:
            told.append(str(error))
        else:
            told += plan.warnings
            planned += 1
    assert [text for text in told if "\n" in text] == []
    assert planned >= (0 if name in NEEDS_ITS_END else 1)


# Their index, or what a picture is made of, comes last.
NEEDS_ITS_END = {
    "h264.mp4",
    "h264-sound-turned.mov",
    "hevc.mp4",
    "prores.mov",
    "animation.mov",
    "still.webp",
    "still.png",
    "still.bmp",
}


def test_pictures_of_a_sequence_that_are_damaged() -> None:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (64, 64), np.uint8)
    Image.fromarray(noise).save(buffer, "PNG")
    whole = buffer.getvalue()
    images = [Image.open(io.BytesIO(content)) for content in (whole, whole[:900])]
    with pytest.raises(VideoDecodeError, match="picture 1 of the image sequence cannot be decoded"):
        budgetfit.plan((images, [0.0, 1.0]), "")


def test_an_animated_webp_that_was_cut_off() -> None:
    whole = seed("moving.webp")
    with open_source(cut(whole, 0.6)) as source:
        shown = [read_number(c.luma) for c in source.sample(20)]
        assert shown == list(range(len(shown)))
        assert 3 < len(shown) < 11
        assert source.warnings == ["the video in memory was cut off; its end is missing"]
    with pytest.raises(VideoDecodeError, match="its first picture cannot be decoded"):
        open_source(whole[:40])
