"""The user's pictures are found in order and read in any format, or rejected by name."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pressrun.errors import RenderError
from pressrun.media import pictures
from pressrun.media.pictures import Gallery, check_gallery, find_pictures, read_picture

FRAME = (320, 180)


def save(path: Path, picture: Image.Image, **options: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **options)  # type: ignore[arg-type]
    return path


def make_picture(size: tuple[int, int] = (80, 40)) -> Image.Image:
    """Return a picture that is red on the left and blue on the right."""
    picture = Image.new("RGB", size, (220, 20, 20))
    picture.paste((20, 20, 220), (size[0] // 2, 0, *size))
    return picture


def save_png_header(path: Path, width: int, height: int) -> Path:
    """Save a PNG with this size in its header, and almost no data."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    return path


def is_red(colour: object) -> bool:
    red, green, blue = (int(each) for each in colour)  # type: ignore[attr-defined]
    return red > 150 and green < 90 and blue < 90


def test_pictures_are_in_the_order_of_their_names_and_one_named_cover_is_the_cover(tmp_path: Path) -> None:
    folder = tmp_path / "images" / "The_Art_of_War"
    for name in ("10.jpg", "2.PNG", "b.webp", "Cover.jpg", ".hidden.jpg", "notes.txt"):
        save(folder / name, make_picture(), format="JPEG")
    (folder / "clip.mov").write_bytes(b"")
    gallery = find_pictures(tmp_path, "The Art of War")
    assert gallery.folders == (folder, tmp_path / "images" / "The Art of War")
    assert gallery.unsupported == ()
    assert [path.name for path in gallery.files] == ["2.PNG", "10.jpg", "b.webp", "clip.mov"]
    assert gallery.cover == folder / "Cover.jpg"


def test_a_book_without_a_folder_has_no_pictures(tmp_path: Path) -> None:
    assert find_pictures(tmp_path, "Walden") == Gallery(folders=(tmp_path / "images" / "Walden",))


@pytest.mark.parametrize("name", ["My Case", "My_Case", "my-case", "my case", "MY_CASE", "My: Case!"])
def test_the_folder_may_be_written_like_the_title(tmp_path: Path, name: str) -> None:
    save(tmp_path / "images" / name / "1.png", make_picture())
    assert [path.name for path in find_pictures(tmp_path, "My Case").files] == ["1.png"]
    assert find_pictures(tmp_path, "My Other Case").files == ()


def test_pictures_of_all_folders_of_a_book_are_used_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("My Case/1.png", "My_Case/2.png", "my-case/3.png"):
        save(tmp_path / "images" / name, make_picture())
    assert [path.name for path in find_pictures(tmp_path, "My Case").files] == ["1.png", "2.png", "3.png"]


def test_pictures_and_clips_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "images" / "My_Case"
    save(folder / "1.png", make_picture())
    for name in ("2.gif", "3.TIFF", "4.mkv", "notes.txt", ".5.gif"):
        (folder / name).write_bytes(b"x")
    gallery = find_pictures(tmp_path, "My Case")
    assert [path.name for path in gallery.files] == ["1.png"]
    assert [path.name for path in gallery.unsupported] == ["2.gif", "3.TIFF", "4.mkv"]


def test_avif_is_read_and_heic_if_pillow_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "images" / "Walden"
    path = save(folder / "1.avif", make_picture(), quality=90)
    (folder / "2.heic").write_bytes(b"x")
    assert is_red(read_picture(path, FRAME).getpixel((10, 20)))
    monkeypatch.setattr(pictures, "_reads_heic", lambda: False)
    gallery = find_pictures(tmp_path, "Walden")
    assert ([each.name for each in gallery.files], [each.name for each in gallery.unsupported]) == (
        ["1.avif"], ["2.heic"],
    )
    monkeypatch.setattr(pictures, "_reads_heic", lambda: True)
    assert [each.name for each in find_pictures(tmp_path, "Walden").files] == ["1.avif", "2.heic"]


def test_a_rotated_photograph_is_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save(tmp_path / "phone.jpg", make_picture(), exif=exif)
    picture = read_picture(path, FRAME)
    assert picture.size == (40, 80)
    assert is_red(picture.getpixel((20, 10)))


def test_cmyk_sixteen_bit_and_grey_pictures_become_rgb(tmp_path: Path) -> None:
    cmyk = read_picture(save(tmp_path / "print.jpg", make_picture().convert("CMYK"), quality=95), FRAME)
    assert is_red(cmyk.getpixel((10, 20)))
    deep = np.full((20, 20), 0x8000, np.uint16)
    assert read_picture(save(tmp_path / "deep.png", Image.fromarray(deep)), FRAME).getpixel((5, 5)) == (128,) * 3
    grey = read_picture(save(tmp_path / "grey.webp", Image.new("L", (20, 20), 90)), FRAME)
    assert (grey.mode, grey.size) == ("RGB", (20, 20))


def test_transparent_parts_show_the_background(tmp_path: Path) -> None:
    picture = Image.new("P", (20, 20), 1)
    picture.putpalette([0, 0, 0, 200, 10, 10])
    path = save(tmp_path / "logo.png", picture, transparency=1)
    assert read_picture(path, FRAME, (10, 200, 10)).getpixel((5, 5)) == (10, 200, 10)
    clear = save(tmp_path / "clear.webp", Image.new("RGBA", (20, 20), (0, 0, 0, 0)), lossless=True)
    assert read_picture(clear, FRAME).getpixel((5, 5)) == (255, 255, 255)


def test_a_large_jpeg_is_decoded_at_a_reduced_size(tmp_path: Path) -> None:
    path = save(tmp_path / "large.jpg", Image.new("RGB", (4000, 3000), "teal"))
    picture = read_picture(path, FRAME)
    assert 320 <= picture.width < 1200


def test_an_enormous_jpeg_is_read_but_an_enormous_png_is_rejected(tmp_path: Path) -> None:
    path = save(tmp_path / "enormous.jpg", Image.new("L", (20_000, 20_000), 90), quality=20)
    assert read_picture(path, FRAME).size == (2500, 2500)
    path = save_png_header(tmp_path / "enormous.png", 20_000, 20_000)
    with pytest.raises(RenderError, match="has 20,000 x 20,000 pixels; the limit is 80 million") as caught:
        read_picture(path, FRAME)
    assert "enormous.png" in str(caught.value)
    assert "smaller" in caught.value.remedy


def test_a_progressive_jpeg_has_the_limit_of_a_picture_decoded_at_full_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pressrun.media.pictures.MAX_PIXELS", 1_000_000)
    path = save(tmp_path / "slow.jpg", Image.new("RGB", (1200, 1000)), progressive=True)
    with pytest.raises(RenderError, match="the limit is 1 million"):
        read_picture(path, FRAME)


@pytest.mark.parametrize(
    ("content", "description"),
    [
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\nfile:///etc/passwd\n", "it is a playlist"),
        (b"ffconcat version 1.0\nfile other.jpg\n", "it is a playlist"),
        (b"Just a few words.\n", "it is a text file"),
        (b"", "it is empty"),
        (b"\0\0\0\x18ftypheic\0\0", "HEIC"),
        (b"%PDF-1.4 \xff\x00", "not a JPEG, PNG or WebP file"),
    ],
)
def test_a_file_that_is_not_a_picture_is_reported_with_its_content(
    tmp_path: Path, content: bytes, description: str
) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(content)
    with pytest.raises(RenderError, match=r"picture\.jpg cannot be read") as caught:
        check_gallery(Gallery((path,)))
    assert description in str(caught.value)
    assert "JPEG or PNG" in caught.value.remedy


def test_a_truncated_picture_is_broken(tmp_path: Path) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 200, 3), np.uint8))
    for name in ("cut.jpg", "cut.png", "cut.webp"):
        path = save(tmp_path / name, noise)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        with pytest.raises(RenderError, match=f"{name} (is broken|cannot be read)"):
            read_picture(path, FRAME)


def test_a_file_without_read_permission_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "locked.jpg", make_picture())

    def raise_permission_error(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("PIL.Image.open", raise_permission_error)
    with pytest.raises(RenderError, match=r"locked\.jpg cannot be read: permission denied"):
        check_gallery(Gallery((), path))
    monkeypatch.setattr("av.open", raise_permission_error)
    with pytest.raises(RenderError, match=r"locked\.mp4 cannot be read: permission denied"):
        check_gallery(Gallery((path.with_suffix(".mp4"),)))
