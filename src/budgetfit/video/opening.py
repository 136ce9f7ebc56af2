"""Opening a container: only kinds that hold all they show, and nothing that they name."""

from __future__ import annotations

import ctypes
import errno
import os
import re
from typing import TYPE_CHECKING, Any

import av
import av.container
import av.error
import av.stream
import av.utils

from budgetfit.errors import VideoError
from budgetfit.video.environment import num_decoder_threads
from budgetfit.video.mp4_tables import check_tables
from budgetfit.video.unfinished import lacks_index

if TYPE_CHECKING:
    from av.video.stream import VideoStream

    from budgetfit.video.limits import VideoLimits
    from budgetfit.video.media import Media

__all__ = ["open_container"]

# FFmpeg's demuxers that read one file and open no other. Not here are playlists, and whatever
# takes names from its content or from its own name: hls, dash, concat, imf, sdp, rtsp, image2,
# vobsub, mlv, svg, and devices.
_VIDEO_FORMATS = (
    "mov matroska avi mpegts mpeg mpegvideo flv live_flv asf asf_o ogg rm nut mxf gxf wtv nsv dv "
    "swf dhav ivf obu av1 h261 h263 h264 hevc vvc evc apv m4v mjpeg mjpeg_2000 mpjpeg dirac vc1 "
    "vc1test cavsvideo avs2 avs3 yuv4mpegpipe gif apng jpegxl_anim"
)
_PICTURE_FORMATS = (
    "png_pipe jpeg_pipe webp_pipe bmp_pipe gif_pipe tiff_pipe jpegls_pipe jpegxl_pipe j2k_pipe "
    "exr_pipe dpx_pipe hdr_pipe pam_pipe pbm_pipe pgm_pipe ppm_pipe qoi_pipe psd_pipe sgi_pipe "
    "sunrast_pipe"
)
# To say of a file that it has sound and no video.
_SOUND_FORMATS = "mp3 wav flac aac ac3 eac3 aiff amr au caf w64 wv ape dts tta truehd"
_FORMATS = ",".join(f"{_VIDEO_FORMATS} {_PICTURE_FORMATS} {_SOUND_FORMATS}".split())

_OPTIONS = {"format_whitelist": _FORMATS, "max_streams": "100"}

# Titles may be in any encoding. PyAV 19 takes all of them without being told.
_METADATA: dict[str, Any] = (
    {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "replace"}
)

# How playlists and descriptions of streams begin; to say so where opening failed.
_PLAYLIST = re.compile(
    rb"\s*(#EXTM3U|ffconcat version|v=0\s+o=|\[playlist\]|\[Reference\]|<asx|<smil"
    rb"|(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<(MPD|SmoothStreamingMedia|AssetMap|CompositionPlaylist)"
    rb"|[a-z]{2,12}://)",
    re.IGNORECASE | re.DOTALL,
)
_PLAYLIST_BYTES = 4096

# Each thread of a decoder has a frame of its own. This leaves 12 threads to 4K, which take 150 MB,
# and one to 8192x8192, whose frames have 100 MB each.
_MAX_PIXELS_IN_THREADS = 100_000_000

# A frame's plane may have 4 bytes a pixel; tables of packets are far smaller.
_MAX_BYTES_PER_PIXEL = 4


def open_container(
    media: Media, limits: VideoLimits
) -> tuple[av.container.InputContainer, VideoStream]:
    """Open the container and find its video stream.

    Raises
    ------
    VideoError
        It is no video file, has no video stream, or is a playlist.
    VideoLimitError
        It asks for more than is allowed.
    """
    if media.num_bytes == 0:
        raise VideoError(f"{media.label} is empty; give a video file")
    _limit_allocations(limits)
    with media.reading() as file:
        check_tables(file, media, limits)
    with media.open_for_av() as (name, options):
        try:
            container = av.open(name, "r", container_options=_OPTIONS | options, **_METADATA)
        except av.error.FFmpegError as error:
            raise _not_opened(media, error) from error
    try:
        return container, _video_stream(container, media, limits)
    except BaseException:
        container.close()
        raise


def _limit_allocations(limits: VideoLimits) -> None:
    """Let no single allocation of FFmpeg exceed the largest plane of a frame that is allowed.

    A few bytes in a header can ask for gigabytes of tables. The limit is FFmpeg's own
    (``av_max_alloc``) and the whole process's; PyAV has no name for it.
    """
    max_alloc = ctypes.CDLL(av.utils.__file__).av_max_alloc
    max_alloc.argtypes, max_alloc.restype = [ctypes.c_size_t], None
    max_alloc(max(_MAX_BYTES_PER_PIXEL * limits.max_pixels, 2**26))


def _not_opened(media: Media, error: av.error.FFmpegError) -> VideoError:
    with media.reading() as file:
        if _PLAYLIST.match(file.read(_PLAYLIST_BYTES)):
            return VideoError(f"{media.label} is a playlist; give the video file that it names")
    if lacks_index(media):
        return VideoError(
            f"{media.label} is an MP4 without its index (moov), which is written when the "
            "recording ends; wait for that, or record fragmented MP4, Matroska or MPEG-TS"
        )
    # FFmpeg's answer for a kind of file that is not in the list of those that may be read.
    is_refused = error.errno == errno.EINVAL
    reason = "damaged, or of a kind that is not read" if is_refused else error.strerror
    return VideoError(
        f"{media.label} cannot be opened as a video ({reason}); "
        "check that it is a complete video file"
    )


def _video_stream(
    container: av.container.InputContainer, media: Media, limits: VideoLimits
) -> VideoStream:
    """Return the first video stream that is no cover picture."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            if stream.codec_context is None:
                raise VideoError(
                    f"{media.label}: no decoder for its video stream; convert it to H.264 first"
                )
            codec = stream.codec_context
            limits.check("max_pixels", codec.width * codec.height, media.label)
            limits.check("max_frames", stream.frames, media.label)
            # For frames that are larger than the header says.
            codec.options = {**codec.options, "max_pixels": str(limits.max_pixels)}
            codec.thread_type = "AUTO"
            codec.thread_count = _num_threads(codec.width * codec.height)
            return stream
    kinds = ", ".join(sorted({str(stream.type) for stream in container.streams}))
    raise VideoError(
        f"{media.label} has no video stream (it has: {kinds or 'none'}); give a file with video"
    )


def _num_threads(num_pixels: int) -> int:
    """Return how many threads decode frames of so many pixels; 0 leaves it to FFmpeg."""
    asked = num_decoder_threads()
    affordable = max(_MAX_PIXELS_IN_THREADS // max(num_pixels, 1), 1)
    # FFmpeg starts one a core and one more.
    unasked = len(os.sched_getaffinity(0)) + 1
    return asked if (asked or unasked) <= affordable else affordable
