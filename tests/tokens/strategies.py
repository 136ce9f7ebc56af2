"""Random texts and requests, rich in what tokenizers and cuts stumble over."""

from __future__ import annotations

from hypothesis import strategies as st

from budgetfit.tokens.request import ImagePart, Request, TextPart

PIECES = (
    *"aZé9.,!?-/'\"()[]<>_ \t\n\r\x00\x0b\u00a0\u200b\u3000",
    *("\n\n", ".\n\n", "  ", "\r\n", " \n", "hello", " world", "WordCase", "3.14", "...", "/*"),
    *(
        "Привет",
        "γεια",
        "世界",
        "中文，字符。",
        "こんにちは",
        "カタカナー",
        "한국어",
        "สวัสดี",
        "ภาษาไทย",
        "ខ្មែរ",
    ),
    *("नमस्ते", "العربية", "עברית", "ქართული", "አማርኛ", "தமிழ்", "ພາສາລາວ", "မြန်မာ", "བོད་ཡིག"),
    *(
        "e\u0301",
        "o\u0308\u0323",
        "👍",
        "👍🏽",
        "👩‍🚀",
        "👨‍👩‍👧",
        "🇩🇪",
        "🇫🇷🇯",
        "\u200d",
        "\ufe0f",
        "\u0600",
        "\ufffd",
    ),
    *("[INST]", "[/INST]", "<s>", "</s>", "[IMG]", "[IMG_BREAK]", "[IMG_END]", "<SPECIAL_20>"),
)

texts = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=30).map("".join),
    st.text(max_size=40),
)
sides = st.one_of(st.integers(1, 80), st.integers(1, 1200))
images = st.builds(ImagePart, sides, st.integers(1, 80)) | st.builds(
    ImagePart, st.integers(1, 80), sides
)
requests = st.builds(
    Request,
    st.lists(st.one_of(texts.map(TextPart), images), max_size=6).map(tuple),
    st.none() | texts,
)
