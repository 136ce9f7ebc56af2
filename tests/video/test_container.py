from __future__ import annotations

import io
import itertools
import random
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from budgetfit.errors import UsageError, VideoChangedError, VideoDecodeError, VideoError
from budgetfit.video.container import ContainerSource
from budgetfit.video.decoding import FrameReader
from budgetfit.video.media import MemoryMedia, PathMedia
from budgetfit.video.sources import open_source
from tests.video.clips import clip_bytes, make_clip, numbered_pictures, read_number

X265 = {"x265-params": "log-level=none"}
FAST_START = {"movflags": "faststart"}
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}

# Every way timestamps, keyframes and reordering come: 24 pictures at 25 a second.
KINDS: dict[str, dict[str, Any]] = {
    "h264": {},
    "h264-bframes": {"bframes": 3},
    "h264-bframes-short-gop": {"bframes": 2, "gop": 5},
    "h264-open-gop": {"bframes": 2, "gop": 6, "codec_options": {"x264-params": "open-gop=1"}},
    "h264-intra": {"gop": 1},
    "h264-late-start": {"bframes": 2, "start_s": 1.5},
    "h264-late-start-with-audio": {"bframes": 2, "gop": 7, "start_s": 0.5, "audio_s": 2.0},
    "h264-mkv": {"bframes": 2, "gop": 5, "container_format": "matroska"},
    "h264-mov": {"bframes": 2, "gop": 5, "container_format": "mov"},
    "h264-ts": {"bframes": 2, "gop": 5, "container_format": "mpegts"},
    "h264-flv": {"bframes": 2, "gop": 5, "container_format": "flv"},
    "h264-fragmented": {"bframes": 2, "gop": 5, "container_options": FRAGMENTED},
    "h264-raw": {"bframes": 2, "gop": 5, "container_format": "h264"},
    "h264-avi": {"bframes": 2, "gop": 5, "container_format": "avi"},
    "h264-4:4:4": {"pix_fmt": "yuv444p", "gop": 5},
    "h264-grey": {"pix_fmt": "gray", "gop": 5},
    "h264-10-bit": {"pix_fmt": "yuv420p10le", "bframes": 2},
    "hevc": {"codec": "libx265", "bframes": 3, "gop": 8, "codec_options": X265},
    "hevc-10-bit": {"codec": "libx265", "pix_fmt": "yuv420p10le", "codec_options": X265},
    "mpeg4": {"codec": "mpeg4", "bframes": 2, "gop": 6},
    "mpeg4-avi": {"codec": "mpeg4", "bframes": 2, "gop": 6, "container_format": "avi"},
    "mpeg2-ts": {"codec": "mpeg2video", "bframes": 2, "gop": 6, "container_format": "mpegts"},
    "mpeg2-ps": {"codec": "mpeg2video", "bframes": 2, "gop": 6, "container_format": "mpeg"},
    "mjpeg-avi": {"codec": "mjpeg", "pix_fmt": "yuvj420p", "container_format": "avi"},
    "vp8": {"codec": "libvpx", "gop": 9, "container_format": "webm"},
    "vp9": {"codec": "libvpx-vp9", "gop": 9, "container_format": "webm"},
    "vp9-streamed": {
        "codec": "libvpx-vp9",
        "container_format": "webm",
        "container_options": {"live": "1"},
    },
    "av1": {"codec": "libsvtav1", "gop": 9},
    "gif": {"codec": "gif", "pix_fmt": "rgb8", "container_format": "gif"},
    "apng": {"codec": "apng", "pix_fmt": "rgb24", "container_format": "apng"},
    "ffv1-rgb": {"codec": "ffv1", "pix_fmt": "bgr0", "container_format": "matroska"},
    "ffv1-rgba": {"codec": "ffv1", "pix_fmt": "bgra", "container_format": "matroska"},
    "png-mov": {"codec": "png", "pix_fmt": "rgba", "container_format": "mov"},
    "prores": {"codec": "prores_ks", "pix_fmt": "yuv422p10le", "container_format": "mov"},
}
NUM_PICTURES = 24
# Below and above the size of every clip: a scan of all packets, or the container's own index.
WAYS = {"scanned": 1 << 30, "indexed": 0}


@pytest.fixture(scope="module", params=KINDS)
def clip(request: pytest.FixtureRequest) -> bytes:
    return clip_bytes(NUM_PICTURES, **KINDS[request.param])


@pytest.fixture(params=WAYS)
def max_scanned_bytes(request: pytest.FixtureRequest) -> int:
    return WAYS[request.param]


def open_clip(clip: bytes, max_scanned_bytes: int = 1 << 30) -> ContainerSource:
    return ContainerSource(MemoryMedia(clip), max_scanned_bytes=max_scanned_bytes)


def numbers(source: Any, num_candidates: int) -> list[int]:
    return [read_number(candidate.luma) for candidate in source.sample(num_candidates)]


def test_every_frame_comes_back_by_its_pts(clip: bytes, max_scanned_bytes: int) -> None:
    with open_clip(clip, max_scanned_bytes) as source:
        candidates = list(source.sample(400))
        assert [read_number(c.luma) for c in candidates] == list(range(NUM_PICTURES))
    with open_clip(clip, max_scanned_bytes) as source:
        for one in (0, 1, 7, 13, NUM_PICTURES - 1):
            (image,) = source.decode([candidates[one].pts], [(64, 48)])
            assert read_number(np.asarray(image)) == one


def test_frames_come_in_the_order_asked(clip: bytes, max_scanned_bytes: int) -> None:
    with open_clip(clip, max_scanned_bytes) as source:
        pts = [candidate.pts for candidate in source.sample(400)]
    with open_clip(clip, max_scanned_bytes) as source:
        order = random.Random(1).sample(range(NUM_PICTURES), 9)
        order.append(order[0])
        images = source.decode([pts[i] for i in order], [(96, 80)] * len(order))
    assert [read_number(np.asarray(image)) for image in images] == order
    assert {image.size for image in images} == {(96, 80)}


def test_times_are_those_of_a_player(clip: bytes) -> None:
    with open_clip(clip) as source:
        times = [candidate.time_s for candidate in source.sample(400)]
        assert np.diff(times) == pytest.approx([0.04] * (NUM_PICTURES - 1), abs=2e-3)
        assert source.info.duration_s == pytest.approx(times[-1] + 0.04, abs=2e-3)
        assert source.warnings == []


@pytest.mark.parametrize("num_candidates", [1, 2, 3, 5, 9])
def test_candidates_are_what_is_shown_at_equal_times(
    single_keyframe_clip: Path, num_candidates: int, max_scanned_bytes: int
) -> None:
    media = PathMedia(str(single_keyframe_clip))
    with ContainerSource(media, max_scanned_bytes=max_scanned_bytes) as source:
        steps = max(num_candidates - 1, 1)
        expected = [min(60 * i // steps, 59) for i in range(num_candidates)]
        assert numbers(source, num_candidates) == expected


def test_frames_shown_at_given_times(clip: bytes, max_scanned_bytes: int) -> None:
    with open_clip(clip, max_scanned_bytes) as source:
        every = [(c.time_s, c.pts) for c in source.sample(400)]
    with open_clip(clip, max_scanned_bytes) as source:
        # The very times, just after one, the same frame twice, and the video's end.
        asked = [every[17][0] + 0.019, every[5][0], every[17][0], source.info.duration_s]
        candidates = list(source.at(asked))
    shown = [5, 17, 23]
    assert [read_number(c.luma) for c in candidates] == shown
    assert [(c.time_s, c.pts) for c in candidates] == [every[number] for number in shown]


def test_every_frame_is_found_by_its_own_time(clip: bytes) -> None:
    with open_clip(clip) as source:
        for number, candidate in enumerate(list(source.sample(400))):
            assert [read_number(c.luma) for c in source.at([candidate.time_s])] == [number]


def test_a_part_has_the_frames_shown_in_it(clip: bytes, max_scanned_bytes: int) -> None:
    with open_clip(clip, max_scanned_bytes) as source:
        times_s = [c.time_s for c in source.sample(400)]
    for first, last in ((0, 7), (5, 17), (11, 23), (9, 10)):
        with open_clip(clip, max_scanned_bytes) as source:
            part: Any = {"start_s": times_s[first], "end_s": times_s[last]}
            inside = [read_number(c.luma) for c in source.sample(400, **part)]
            few = [read_number(c.luma) for c in source.sample(3, **part)]
        if max_scanned_bytes:
            assert inside == list(range(first, last + 1))
        assert set(few) <= set(range(first, last + 1))
        assert {first, last} <= set(few)


@pytest.mark.parametrize(("start_s", "end_s"), [(0.5, 0.5), (0.9, 0.4)])
def test_a_part_lasts(plain_clip: Path, start_s: float, end_s: float) -> None:
    with (
        open_source(plain_clip) as source,
        pytest.raises(UsageError, match=f"start_s {start_s} is not before end_s {end_s}"),
    ):
        source.sample(3, start_s=start_s, end_s=end_s)


@pytest.mark.parametrize("part", [{"start_s": -0.5}, {"end_s": 1.3}, {"start_s": float("nan")}])
def test_a_part_lies_inside_the_video(plain_clip: Path, part: Any) -> None:
    with open_source(plain_clip) as source, pytest.raises(UsageError, match="is outside"):
        source.sample(3, **part)


@pytest.mark.parametrize("time_s", [-0.5, 2.5, float("nan"), float("inf")])
def test_times_outside_the_video(plain_clip: Path, time_s: float) -> None:
    with (
        open_source(plain_clip) as source,
        pytest.raises(UsageError, match=rf"{time_s} s is outside .*lasts 1\.2 s; give a time from"),
    ):
        source.at([0.5, time_s])


def test_before_the_first_frame_the_first_is_meant() -> None:
    beside_audio = clip_bytes(10, start_s=0.5, bframes=2, audio_s=1.5)
    with open_source(beside_audio) as source:
        assert [read_number(c.luma) for c in source.at([0.1, 0.6])] == [0, 2]


def test_start_counts_from_the_container_not_the_video() -> None:
    late_alone = clip_bytes(10, start_s=2.0, bframes=2)
    with open_source(late_alone) as source:
        assert next(iter(source.sample(3))).time_s == 0.0
    beside_audio = clip_bytes(10, start_s=0.5, bframes=2, audio_s=1.5)
    with open_source(beside_audio) as source:
        candidates = list(source.sample(5))
        assert candidates[0].time_s == pytest.approx(0.5)
        assert candidates[-1].time_s == pytest.approx(0.5 + 9 / 25)
        assert source.info.duration_s == pytest.approx(0.5 + 10 / 25)


def test_variable_frame_rate_is_sampled_by_time() -> None:
    # Twenty pictures in the first second, then one every second.
    times = [i * 0.05 for i in range(20)] + [1.0 + i for i in range(9)]
    clip = clip_bytes(len(times), times_s=times, bframes=2)
    with open_source(clip) as source:
        candidates = list(source.sample(100))
        assert [c.time_s for c in candidates] == pytest.approx(times, abs=1e-4)
        shown = numbers(source, 10)
        step = source.info.duration_s / 9
        latest = [max(n for n, t in enumerate(times) if t <= i * step + 1e-4) for i in range(10)]
        assert shown == sorted(set(latest))


def test_dense_keyframes_stand_for_frames_nearby() -> None:
    clip = clip_bytes(200, gop=5)
    for way in WAYS.values():
        with open_clip(clip, way) as source:
            shown = numbers(source, 9)
            assert [number % 5 for number in shown[:-1]] == [0] * 8
            assert shown == pytest.approx([i * 25 for i in range(8)] + [199], abs=25 / 4)


class CountingFile(io.BytesIO):
    """A file that knows how much of it was read."""

    num_read = 0

    def read(self, size: int | None = -1) -> bytes:
        block = super().read(size)
        self.num_read += len(block)
        return block


@pytest.mark.parametrize("container_format", ["mp4", "matroska"])
def test_long_files_are_not_read_whole(
    container_format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(0)
    texture = noise.integers(0, 40, (240, 320), np.uint8)
    pictures = (np.minimum(p, 215) + np.roll(texture, i * 7) for i, p in enumerate(_large(1000)))
    clip = clip_bytes(
        pictures, container_format=container_format, width=320, height=240, gop=20, bframes=2,
        codec_options={"preset": "ultrafast", "crf": "20"},
    )  # fmt: skip
    opened: list[CountingFile] = []

    def open_for_av(self: MemoryMedia) -> Any:
        opened.append(CountingFile(self._content))
        return nullcontext((opened[-1], {}))

    monkeypatch.setattr(MemoryMedia, "open_for_av", open_for_av)
    with open_clip(clip, 0) as source:
        candidates = list(source.sample(9))
        source.decode([candidates[3].pts, candidates[6].pts], [(64, 48)] * 2)
    num_read = sum(file.num_read for file in opened)
    assert len(candidates) == 9
    assert num_read < len(clip) / 3, f"read {num_read} of {len(clip)} bytes"


def _large(count: int) -> Any:
    return itertools.chain.from_iterable(
        numbered_pictures(50, 320, 240) for _ in range(count // 50)
    )


def test_a_title_in_another_encoding_is_no_hindrance() -> None:
    clip = clip_bytes(3, container_format="matroska")
    # Every file of this format names who wrote it.
    assert b"Lavf" in clip
    with open_source(clip.replace(b"Lavf", b"L\xe9\xff!")) as source:
        assert source.info.width == 64


def test_paths_bytes_and_files_are_the_same_video(plain_clip: Path) -> None:
    content = plain_clip.read_bytes()
    results = []
    with plain_clip.open("rb") as file:
        for video in (plain_clip, str(plain_clip), content, bytearray(content), file):
            with open_source(video) as source:
                candidates = list(source.sample(7))
                images = source.decode([c.pts for c in candidates], [(40, 30)] * 7)
                results.append(
                    (
                        source.info.fingerprint,
                        [(c.pts, c.time_s, c.luma.tobytes()) for c in candidates],
                        [image.tobytes() for image in images],
                    )
                )
    assert all(result == results[0] for result in results)


def test_sampling_and_decoding_repeat(plain_clip: Path) -> None:
    with open_source(plain_clip) as source:
        first = [c.luma.tobytes() for c in source.sample(9)]
        pts = [c.pts for c in source.sample(9)]
        images = source.decode(pts[:3], [(64, 48)] * 3)
        assert [c.luma.tobytes() for c in source.sample(9)] == first
        again = source.decode(pts[:3], [(64, 48)] * 3)
    assert [image.tobytes() for image in images] == [image.tobytes() for image in again]


def test_candidates_are_not_decoded_twice(
    plain_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_source(plain_clip, keep_frames=True) as source:
        pts = [c.pts for c in source.sample(9)]
        fresh = open_source(plain_clip)
        expected = fresh.decode(pts, [(64, 48)] * 9)
        monkeypatch.setattr(FrameReader, "_send", None)
        images = source.decode(pts, [(64, 48)] * 9)
        fresh.close()
    assert [image.tobytes() for image in images] == [image.tobytes() for image in expected]


def test_a_frame_in_two_sizes(plain_clip: Path) -> None:
    with open_source(plain_clip) as source:
        pts = [c.pts for c in source.sample(3)]
        images = source.decode([pts[1], pts[0], pts[1]], [(64, 48), (32, 16), (16, 32)])
    assert [image.size for image in images] == [(64, 48), (32, 16), (16, 32)]


def test_resampling_is_one_lanczos_of_the_stored_pixels(plain_clip: Path) -> None:
    with open_source(plain_clip) as source:
        pts = [c.pts for c in source.sample(3)][1]
        (full,) = source.decode([pts], [(64, 48)])
        (small,) = source.decode([pts], [(37, 51)])
    expected = full.resize((37, 51), Image.Resampling.LANCZOS)
    assert small.mode == "RGB"
    assert small.tobytes() == expected.tobytes()


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("hflip", [False, True])
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le"])
def test_rotated_and_mirrored_video_is_upright(rotation: int, hflip: bool, pix_fmt: str) -> None:
    # Store the pictures so that what the container asks of a player turns them upright.
    turned = numbered_pictures(3, 96, 48)
    if hflip:
        turned = [picture[:, ::-1] for picture in turned]
    turned = [np.rot90(picture, -rotation // 90) for picture in turned]
    height, width = turned[0].shape
    clip = clip_bytes(
        turned, width=width, height=height, rotation=rotation, hflip=hflip, pix_fmt=pix_fmt
    )
    with open_source(clip) as source:
        candidates = list(source.sample(5))
        images = source.decode([c.pts for c in candidates], [(96, 48)] * 3)
        assert (source.info.width, source.info.height) == (96, 48)
    assert [c.luma.shape for c in candidates] == [(48, 96)] * 3
    assert [read_number(c.luma) for c in candidates] == [0, 1, 2]
    assert [read_number(np.asarray(image)) for image in images] == [0, 1, 2]


@pytest.mark.parametrize(("rotation", "size"), [(0, (85, 48)), (90, (48, 85))])
def test_pixel_aspect_ratio_counts_for_the_size_alone(rotation: int, size: tuple[int, int]) -> None:
    clip = clip_bytes(3, sample_aspect_ratio=Fraction(4, 3), rotation=rotation)
    with open_source(clip) as source:
        assert (source.info.width, source.info.height) == size
        (candidate,) = source.sample(1)
        stored = (48, 64) if rotation == 0 else (64, 48)
        assert candidate.luma.shape == stored
        (image,) = source.decode([candidate.pts], [size])
    assert image.size == size


def test_cover_pictures_are_not_the_video(tmp_path: Path) -> None:
    cover = io.BytesIO()
    Image.new("RGB", (200, 200), "red").save(cover, "PNG")
    path = tmp_path / "covered.mkv"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        picture = container.add_attachment("cover.png", "image/png", cover.getvalue())
        assert picture.type == "attachment"
        for luma in numbered_pictures(4):
            frame = av.VideoFrame.from_ndarray(luma, "gray8").reformat(
                format="yuv420p", src_color_range=1, dst_color_range=1
            )
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with av.open(str(path)) as container:
        assert [s.type for s in container.streams].count("video") == 2
    with open_source(path) as source:
        assert numbers(source, 9) == [0, 1, 2, 3]


def test_changing_picture_size_keeps_the_first() -> None:
    small, large = clip_bytes(4, container_format="h264"), io.BytesIO()
    make_clip(large, 4, container_format="h264", width=128, height=96)
    with open_source(small + large.getvalue()) as source:
        assert {c.luma.shape for c in source.sample(20)} == {(48, 64)}
        assert numbers(source, 20) == [0, 1, 2, 3] * 2


@pytest.fixture(scope="module")
def long_clip() -> bytes:
    return clip_bytes(60, gop=10, bframes=2, width=160, height=96)


def test_a_truncated_file_keeps_its_beginning(max_scanned_bytes: int, tmp_path: Path) -> None:
    # An index in front, as in files made for streaming; then the end of the data is missing.
    path = tmp_path / "whole.mp4"
    make_clip(path, 60, gop=10, width=160, height=96, container_options=FAST_START)
    clip = path.read_bytes()
    cut = clip[: len(clip) * 2 // 3]
    with open_clip(cut, max_scanned_bytes) as source:
        shown = numbers(source, 100)
        assert shown == list(range(len(shown)))
        assert 20 < len(shown) < 60
        assert source.info.duration_s == pytest.approx(len(shown) / 25, abs=0.05)
        assert any("ends after" in warning for warning in source.warnings)


def test_damaged_packets_are_left_out_and_told(long_clip: bytes) -> None:
    with av.open(io.BytesIO(long_clip), "r") as container:
        packets = [p for p in container.demux(video=0) if p.size]
        keyframes = [p for p in packets if p.is_keyframe]
        damaged = bytearray(long_clip)
        start, size = keyframes[2].pos, keyframes[2].size
        assert start is not None
    damaged[start : start + size] = b"\xff" * size
    with open_source(bytes(damaged)) as source:
        shown = numbers_where_readable(source, 100)
        assert {0, 10, 17, 30, 40, 59} <= set(shown)
        assert 20 not in shown
        assert any("could not be decoded" in warning for warning in source.warnings)
        assert len(source.warnings) == len(set(source.warnings))
        pts = sorted(p.pts for p in packets if p.pts is not None)
        with pytest.raises(VideoDecodeError, match=f"no frame with pts {pts[20]} can be decoded"):
            source.decode([pts[20]], [(64, 48)])
        (image,) = source.decode([pts[45]], [(160, 96)])
        assert read_number(np.asarray(image)) == 45


def test_a_wanted_frame_that_cannot_be_decoded_is_told(long_clip: bytes) -> None:
    with av.open(io.BytesIO(long_clip), "r") as container:
        packets = [(p.pos, p.size, p.is_keyframe) for p in container.demux(video=0) if p.size]
    keyframes = [index for index, packet in enumerate(packets) if packet[2]]
    damaged = bytearray(long_clip)
    for start, size, _ in packets[keyframes[2] : keyframes[3]]:
        assert start is not None
        damaged[start : start + size] = b"\xff" * size
    with open_source(bytes(damaged)) as source:
        assert [read_number(c.luma) for c in source.at([0.4, 1.3])] == [10, 32]
        # Another frame is no substitute for one that was asked for.
        with pytest.raises(VideoDecodeError, match=r"the frame shown at 0\.92 s cannot be decoded"):
            list(source.at([0.4, 0.92]))


def test_nothing_decodable(long_clip: bytes) -> None:
    with av.open(io.BytesIO(long_clip), "r") as container:
        spans = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    damaged = bytearray(long_clip)
    for start, size in spans:
        assert start is not None
        damaged[start : start + size] = b"\xff" * size
    with pytest.raises(VideoDecodeError, match="no frame that can be decoded") as caught:
        open_source(bytes(damaged))
    assert "\n" not in str(caught.value)


def numbers_where_readable(source: Any, num_candidates: int) -> list[int]:
    shown = []
    for candidate in source.sample(num_candidates):
        try:
            shown.append(read_number(candidate.luma))
        except AssertionError:
            continue  # concealed damage shows no number
    return shown


class TestMisuse:
    def test_unknown_pts(self, plain_clip: Path, max_scanned_bytes: int) -> None:
        media = PathMedia(str(plain_clip))
        with ContainerSource(media, max_scanned_bytes=max_scanned_bytes) as source:
            pts = [c.pts for c in source.sample(30)]
            for wrong in (pts[0] - 1, pts[4] + 1, pts[-1] + 10**9):
                # An index names no frames: one that is not found may as well be damaged.
                error = VideoChangedError if max_scanned_bytes else VideoDecodeError
                with pytest.raises(error, match=f"no frame with pts {wrong}"):
                    source.decode([pts[1], wrong], [(8, 8)] * 2)

    def test_sizes_and_pts_must_match(self, plain_clip: Path) -> None:
        with open_source(plain_clip) as source, pytest.raises(UsageError, match="1 timestamps"):
            source.decode([0], [])

    @pytest.mark.parametrize("num_candidates", [0, -1])
    def test_no_candidates(self, plain_clip: Path, num_candidates: int) -> None:
        with open_source(plain_clip) as source, pytest.raises(UsageError, match="at least 1"):
            source.sample(num_candidates)

    def test_closed(self, plain_clip: Path) -> None:
        source = open_source(plain_clip)
        source.close()
        source.close()
        with pytest.raises(VideoError, match="was closed"):
            list(source.sample(3))
        with pytest.raises(VideoError, match="was closed"):
            source.decode([0], [(8, 8)])

    def test_file_closed_under_the_source(self, plain_clip: Path) -> None:
        with plain_clip.open("rb") as file:
            source = open_source(file)
            pts = [c.pts for c in source.sample(5)]
        with pytest.raises(VideoError, match="was closed"):
            source.decode(pts[-1:], [(8, 8)])

    def test_decoding_while_sampling(self, single_keyframe_clip: Path) -> None:
        with open_source(single_keyframe_clip) as source:
            candidates = source.sample(33)
            first = next(candidates)
            source.decode([first.pts + 9 * 3600], [(8, 8)])
            with pytest.raises(UsageError, match="collect the sampled frames"):
                list(candidates)


def test_progress_is_told(plain_clip: Path) -> None:
    calls: list[tuple[int, int]] = []
    with open_source(plain_clip) as source:
        pts = [c.pts for c in source.sample(9, on_progress=lambda *call: calls.append(call))]
        assert calls == [(i, 9) for i in range(1, 10)]
        calls.clear()
        source.decode(pts[:4], [(8, 8)] * 4, on_progress=lambda *call: calls.append(call))
    assert calls == [(i, 4) for i in range(1, 5)]


def test_an_interrupt_closes_the_container(single_keyframe_clip: Path) -> None:
    def interrupt(*_: int) -> None:
        raise KeyboardInterrupt

    source = open_source(single_keyframe_clip)
    with pytest.raises(KeyboardInterrupt):
        list(source.sample(9, on_progress=interrupt))
    with pytest.raises(VideoError, match="was closed"):
        list(source.sample(9))


def test_real_clips(real_clip: Path) -> None:
    try:
        source = open_source(real_clip)
    except VideoDecodeError:
        assert "no_decodable_frame" in real_clip.name
        return
    with source:
        info = source.info
        candidates = list(source.sample(33))
        times = [c.time_s for c in candidates]
        assert times == sorted(set(times))
        assert times[0] >= -1e-6
        assert times[-1] <= info.duration_s
        assert len({c.luma.shape for c in candidates}) == 1
        chosen = [candidates[len(candidates) // 3], candidates[-1]]
        sizes = [(info.width // 2, info.height // 2), (320, 176)]
        images = source.decode([c.pts for c in chosen], sizes)
    assert [image.size for image in images] == sizes
    # What analysis saw is what the model will see; colours weigh differently in the two greys.
    for candidate, image in zip(chosen, images, strict=True):
        seen = np.asarray(Image.fromarray(candidate.luma).resize((80, 45)), float).ravel()
        sent = np.asarray(image.convert("L").resize((80, 45)), float).ravel()
        if seen.std() > 1:
            assert np.corrcoef(seen, sent)[0, 1] > 0.9
        else:
            assert sent == pytest.approx(seen, abs=2)


def test_only_large_frames_are_read_at_once(tmp_path: Path) -> None:
    """Others wait to be read beside the decoder; several large ones would fill the memory."""
    for (width, height), at_once in {(1280, 720): False, (4096, 2304): True}.items():
        path = tmp_path / f"{width}.mp4"
        make_clip(path, 2, width=width, height=height, codec_options={"preset": "ultrafast"})
        with open_source(path) as source:
            candidates = list(source.sample(2))
        assert [read_number(candidate.luma) for candidate in candidates] == [0, 1]
        for candidate in candidates:
            assert (candidate.read_luma() is candidate.luma) == at_once
