"""Files that name other files or addresses, in every way that FFmpeg follows."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.video.clips import clip_bytes

__all__ = ["referring_files", "with_external_data"]


def referring_files(target: Path, port: int) -> dict[str, bytes]:
    """Return files by their names; each leads to ``target`` or to the port of this machine.

    They must lie in the target's folder.
    """
    name, url = target.name, f"http://127.0.0.1:{port}/{target.name}"
    hls = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n"
    key = f'#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXT-X-KEY:METHOD=AES-128,URI="{url}"\n'
    mpd = (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        'mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4">'
        f'<Representation id="v" bandwidth="1"><BaseURL>{url}</BaseURL><SegmentBase/>'
        "</Representation></AdaptationSet></Period></MPD>"
    )
    sdp = "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {} RTP/AVP 96\n"
    text = {
        "list.m3u8": hls.format(name),
        "remote.m3u8": hls.format(url),
        "absolute.m3u8": hls.format(f"file://{target}"),
        "subfile.m3u8": hls.format(f"subfile,,start,0,end,9,,:{target}"),
        "concat.m3u8": hls.format(f"concat:{target}|{target}"),
        "key.m3u8": f"{key}#EXTINF:1,\n{name}\n#EXT-X-ENDLIST\n",
        "named-as-a-video.mp4": hls.format(name),
        "list.ffconcat": f"ffconcat version 1.0\nfile {name}\n",
        "list.txt": f"ffconcat version 1.0\nfile '{target}'\n",
        "manifest.mpd": mpd,
        "stream.sdp": sdp.format(port) + "a=rtpmap:96 H264/90000\n",
        "titles.idx": "# VobSub index file, v7 (do not modify this line!)\n",
        "playlist.pls": f"[playlist]\nFile1={url}\nNumberOfEntries=1\n",
        "playlist.asx": f'<asx version="3.0"><entry><ref href="{url}"/></entry></asx>',
        "reference.ref": f"[Reference]\nRef1={url}\n",
        "address.txt": f"{url}\n",
        "scene.svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}"/></svg>',
        "script.lavfi": f"movie={target}",
        "list.imf": f'<?xml version="1.0"?><AssetMap><Path>{name}</Path></AssetMap>',
    }
    return {
        **{file: content.encode() for file, content in text.items()},
        "external.mov": with_external_data(target),
        "frame%03d.png": b"",
    }


def with_external_data(target: Path) -> bytes:
    """Return a QuickTime movie whose samples lie in ``target``, by an alias (``dref``)."""
    movie = clip_bytes(4, container_format="mov")
    start = movie.index(b"dref") - 4
    # QuickTime File Format, "Data Reference Atoms"; of the alias, what FFmpeg's reader looks at.
    path = str(target).encode()
    alias = (
        bytes(10)
        + bytes([0]).ljust(28, b"\0")
        + bytes(12)
        + bytes([min(len(target.name), 63)])
        + target.name.encode()[:63].ljust(63, b"\0")
        + bytes(16)
        + struct.pack(">hh", 1, 1)
        + bytes(16)
        + struct.pack(">hH", 2, len(path))
        + path.ljust(len(path) + len(path) % 2, b"\0")
        + struct.pack(">hH", -1, 0)
    )
    entry = struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias
    dref = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    old_size = int.from_bytes(movie[start : start + 4], "big")
    return _replaced(movie, start, old_size, dref)


def _replaced(movie: bytes, start: int, size: int, box: bytes) -> bytes:
    """Replace a box, and correct the sizes of those around it; the data lie before them."""
    content = bytearray(movie)
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        place = movie.rindex(name, 0, start) - 4
        (old,) = struct.unpack_from(">I", content, place)
        struct.pack_into(">I", content, place, old + len(box) - size)
    content[start : start + size] = box
    return bytes(content)
