"""The parts of an Office document: members of a zip archive, read within limits; XML without entities or network."""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import Any
from urllib.parse import unquote

from callout.errors import InputError

MEMBER = 64 * 1024 * 1024
MEMBERS = 10_000
_ALL = 192 * 1024 * 1024  # bytes inflated of one document
_RATIO = 200  # beyond the first 8 MB
_FREE = 8 * 1024 * 1024
_XML = 24 * 1024 * 1024  # a report of half a million letters has a tenth of it
_CHUNK = 1 << 20
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Package:
    """An Office document in bytes (ECMA-376, part 2)."""

    def __init__(self, data: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
            members = self._archive.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
            raise InputError("the DOCX file is damaged", "", "save it anew, or as plain text") from error
        if len(members) > MEMBERS:
            raise InputError("the DOCX file has too many parts", "", "save it anew, or as plain text")
        self._members = {member.filename.lstrip("/"): member for member in members}
        self._read = 0

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """The bytes of the part `name`.

        Raises:
            InputError: it is encrypted, damaged, larger than 64 MB, or packed far tighter than a document is.
        """
        member = self._members[name]
        if member.flag_bits & 1:
            raise InputError("the DOCX file is encrypted", "", "save it without a password")
        parts, size = [], 0
        try:
            with self._archive.open(member) as stream:
                while chunk := stream.read(_CHUNK):
                    size += len(chunk)
                    self._read += len(chunk)
                    if size > MEMBER or self._read > _ALL or size > _FREE + _RATIO * member.compress_size:
                        raise InputError("the DOCX file unpacks to far too much", "", "save it anew, or as plain text")
                    parts.append(chunk)
        except InputError:
            raise
        except Exception as error:  # zlib, zipfile and the codecs each have errors of their own
            raise InputError("the DOCX file is damaged", "", "save it anew, or as plain text") from error
        return b"".join(parts)

    def tree(self, name: str) -> Any:
        """The root element of the XML part `name`; InputError where it is damaged or declares a document type."""
        return parsed(self.read(name))

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """(type's last word, part) of each relation of the part `name` by id; what lies outside is left out."""
        folder, base = posixpath.split(name)
        place = posixpath.join(folder, "_rels", f"{base}.rels")
        if place not in self:
            return {}
        found = {}
        for relation in self.tree(place).iter(_RELATION):
            target = unquote(relation.get("Target") or "")
            if relation.get("TargetMode") == "External" or not target or ":" in target:
                continue
            part = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
            found[relation.get("Id") or ""] = ((relation.get("Type") or "").rpartition("/")[2], part)
        return found


def parsed(data: bytes) -> Any:
    """The root element of an XML document."""
    from lxml import etree

    if len(data) > _XML:
        raise InputError("the text is too long for a report", "", "give the case report alone")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_pis=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise InputError("the DOCX file is damaged", "", "save it anew, or as plain text") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise InputError("the DOCX file declares entities, as no word processor does", "", "save it anew")
    return root
