"""Figures as the pages of journals lay them out, each reduced to what its layout is: one figure, read exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from callout.reports import read_report_bytes

HEAD = """<!doctype html><html><head><title>T | J</title><meta name='citation_title' content='A mass'></head>
<body><h1>A mass</h1><p>It began (Fig. 1). Then more came.</p>"""
PICTURES = ("f1.jpg", "f1.webp", "x/g1.png")
LAYOUTS = {
    "popups": (
        '<div class="html-fig-wrap" id="f1"><div class="html-fig_img">'
        '<div class="html-figpopup html-figpopup-link" href="#fig_body_display_f1">'
        '<img alt="Case 01 g001 550" data-large="x/g1.png" data-original="x/g1.png" data-lsrc="x/small.jpg" '
        'src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">'
        '<a class="html-expand html-figpopup" href="#fig_body_display_f1"></a></div></div>'
        '<div class="html-fig_description"><b>Figure 1.</b> Axial CT with a mass (arrow). <!-- <p>'
        '<a class="html-figpopup" href="#">Click here to enlarge figure</a></p> --></div></div>'
        '<div class="html-fig_show mfp-hide" id="fig_body_display_f1"><div class="html-fig_caption">'
        '<b>Figure 1.</b> Axial CT with a mass (arrow).</div><div class="html-fig_img"><img src="x/g1.png"></div>'
        "</div>"
    ),
    "picture element": (
        '<div class="FigureDesc"><figure><a href="#"><picture>'
        '<source type="image/webp" media="(max-width: 563px)" srcset="a.webp">'
        '<source type="image/jpeg" srcset="a.jpg"><img src="f1.jpg" alt="www.frontiersin.org" id="F1"></picture>'
        "</a><figcaption><strong>Figure 1</strong>. Axial CT with a mass (arrow).</figcaption></figure></div>"
    ),
    "label far above": (
        '<div class="DottedLine"></div><div class="Imageheaders">FIGURE 1</div><div class="FigureDesc">'
        '<a href="x.jpg" name="figure1" target="_blank"><img src="f1.jpg" alt="www.frontiersin.org" id="F1"></a><p>'
        '<strong>Figure 1</strong>. <b>Axial CT</b> with a mass (arrow).</p></div><div class="clear"></div>'
        '<div class="DottedLine"></div>'
    ),
    "description below": (
        '<div class="c-article-section__figure js-c-reading-companion-figures-item" data-test="figure" '
        'data-container-section="figure" id="figure-1" data-title="Axial CT">'
        "<figure><figcaption>"
        '<b id="Fig1" class="c-article-section__figure-caption" data-test="figure-caption-text">Fig. 1</b>'
        '</figcaption><div class="c-article-section__figure-content"><div class="c-article-section__figure-item">'
        '<a class="c-article-section__figure-link" href="/a/figures/1"><picture>'
        '<source type="image/webp" srcset="//m/f1.jpg?as=webp">'
        '<img aria-describedby="Fig1" src="//m/f1.jpg" alt="figure 1" loading="lazy"></picture></a></div>'
        '<div class="c-article-section__figure-description" data-test="bottom-caption" id="figure-1-desc">'
        '<p>Axial CT with a mass (arrow).</p></div></div><div class="u-text-right u-hide-print">'
        '<a class="c-article__pill-button" href="/a/figures/1">Full size image<svg></svg></a></div></figure></div>'
    ),
    "spans": (
        '<figure class="figure text-xs" id="fig0001"><span>'
        '<img src="f1.jpg" height="200" alt="Fig 1" aria-describedby="cap0001"><ol class="u-margin-s-bottom"><li>'
        '<a class="anchor download-link" href="f1_lrg.jpg" title="Download high-res image (300KB)">'
        '<span class="anchor-text">'
        '<span class="download-link-title">Download: <span>Download high-res image (300KB)</span></span></span></a>'
        '</li><li><a class="anchor download-link"><span>Download: Download full-size image</span></a></li></ol>'
        '</span><span class="captions text-s"><span id="cap0001"><p id="spara001">'
        '<span class="label">Fig 1</span>. Axial CT with a mass (arrow).</p></span></span></figure>'
    ),
    "header in the caption": (
        '<section class="article-section__inline-figure"><figure class="figure" id="ccr31-fig-0001">'
        '<a target="_blank" href="f1.jpg"><picture><source srcset="/cms/f1-m.jpg" media="(min-width: 1650px)">'
        '<img class="figure__image" data-lg-src="/cms/f1.jpg" src="/cms/f1.jpg" alt="Details are in the caption '
        'following the image" loading="lazy">'
        '</picture></a><figcaption class="figure__caption"><div class="figure__caption__header">'
        '<strong class="figure__title">FIGURE 1</strong><div class="figure-extra">'
        '<a class="open-figure-link" href="#">Open in figure viewer</a><a class="ppt-figure-link" href="#"><i></i>'
        "<span>PowerPoint</span></a></div></div>"
        '<div class="figure__caption figure__caption-text">Axial CT with a mass (arrow).</div></figcaption>'
        "</figure></section>"
    ),
    "caption in blocks": (
        '<div class="floats-partview"><div class="groupcaption"><div class="xml-content figure">'
        '<img src="f1.jpg" class="media-image" alt=""><div class="caption"><div class="caption-label">'
        "<b>Figure 1</b></div><div>Axial CT with a mass (arrow).</div></div></div></div></div>"
    ),
    "lazy picture": (
        '<div id="F1" class="fig pos-float type-figure odd"><div class="highwire-figure">'
        '<div class="fig-inline-img-wrapper"><div class="fig-inline-img">'
        '<a href="f1.large.jpg" class="highwire-fragment fragment-images" title="Axial CT">'
        '<span class="hw-responsive-img">'
        '<img class="highwire-fragment fragment-image lazyload" alt="Figure 1" '
        'src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" data-src="f1.jpg">'
        '<noscript><img class="x" src="f1.jpg"></noscript></span></a></div></div>'
        '<ul class="highwire-figure-links inline"><li class="download-fig first"><a href="#">Download figure</a>'
        '</li><li class="new-tab"><a href="#">Open in new tab</a></li><li class="download-ppt last">'
        '<a href="#">Download powerpoint</a></li></ul></div><div class="fig-caption">'
        '<span class="fig-label">Figure 1</span> <p id="p-9" class="first-child">Axial CT with a mass (arrow).</p>'
        '<div class="sb-div caption-clear"></div></div></div>'
    ),
    "heading for a label": (
        '<figure class="fig xbox font-sm" id="fig1"><h4 class="obj_head">Figure 1.</h4>'
        '<p class="img-box line-height-none margin-x-neg-2 tablet:margin-x-0 text-center">'
        '<a class="tileshop" target="_blank" href="https://x">'
        '<img class="graphic zoom-in" src="https://cdn.x/f1.jpg" loading="lazy" height="516" width="743" '
        'alt="Figure 1.">'
        '</a></p><div class="p text-right font-secondary">'
        '<a href="figure/fig1/" class="usa-link" target="_blank" rel="noopener noreferrer">Open in a new tab</a>'
        "</div><figcaption><p>Axial CT with a mass (arrow).</p></figcaption></figure>"
    ),
    "icon and legend": (
        '<div class="fig iconblock whole_rhythm clearfix" id="fig1" co-legend-rid="lgnd_fig1">'
        '<a href="/f/" target="figure" class="img_link" rid-figpopup="fig1"><div class="figure">'
        '<img class="fig-image small-thumb" src="f1.jpg" alt="An external file that holds a picture, illustration, '
        'etc.&#10;Object name is f1.jpg">'
        '</div></a><div class="icnblk_cntnt" id="lgnd_fig1"><div>'
        '<a class="figpopup" href="/f/" target="figure" rid-figpopup="fig1">Figure 1.</a></div>'
        '<div class="caption"><p>Axial CT with a mass (arrow).</p></div></div></div>'
    ),
    "heading for a caption": (
        '<div class="article-content-body-section"><div class="figure-wrap article-inline-figure-wrap">'
        '<div class="inner-figure-wrap"><figure class="figure article-figure" id="figure-1"><a>'
        '<img class="article-figure-image" alt="Axial-CT" src="f1.jpg"></a>'
        '<figcaption class="article-figure-caption-wrap">'
        '<h5 class="figure-title">Figure 1: Axial CT with a mass (arrow).</h5></figcaption></figure></div></div>'
        "</div>"
    ),
    "address for an object": (
        '<div class="figure" data-doi="10.1/journal.pone.g001"><div class="img-box">'
        '<a title="Click for larger image" href="#"><img src="f1.jpg" alt="thumbnail" class="thumbnail"></a>'
        '<div class="expand"></div></div><div class="figure-inline-download">Download:<ul><li><a href="#">PPT</a>'
        '</li><li><a>PowerPoint slide</a></li><li><div class="definition-label"><a>PNG</a></div>'
        '<div class="definition-description">larger image (1MB)</div></li></ul></div><div class="figcaption">'
        '<span>Figure 1. </span>Axial CT with a mass (arrow).</div><p class="caption_target"></p>'
        '<p class="caption_object"><a href="https://doi.org/10.1/g001">https://doi.org/10.1/g001</a></p></div>'
    ),
    "legend": (
        '<div class="figure" id="FI1"><div class="imageBox"><a href="#"><img src="f1.jpg"></a></div>'
        '<div class="legend"><p><span class="label">Fig. 1 </span>Axial CT with a mass (arrow).</p></div></div>'
    ),
    "attachment": (
        '<div id="attachment_1" class="wp-caption aligncenter"><img src="f1.jpg">'
        '<p class="wp-caption-text">Figure 1: Axial CT with a mass (arrow).</p></div>'
    ),
    "emphasis": ('<p><img src="f1.jpg"><br><em>Figure 1. Axial CT with a mass (arrow).</em></p>'),
    "figure as a table": (
        '<table class="figure"><tr><td><img src="f1.jpg"></td></tr><tr><td>'
        "<b>Figure 1</b> Axial CT with a mass (arrow).</td></tr></table>"
    ),
    "table": (
        '<table><tr><td><a href="viewimage.asp"><img src="f1.jpg"></a></td><td>'
        '<b>Figure 1: </b>Axial CT with a mass (arrow).<br><br><a href="#">Click here to view</a></td></tr></table>'
    ),
    "lazy source": (
        '<figure><img data-lazy-src="f1.jpg" srcset="f1-2.jpg 2x" alt="">'
        "<figcaption>Figure 1&nbsp;&ndash; Axial CT with a mass (arrow).</figcaption></figure>"
    ),
    "set of sources": (
        '<figure><picture><source srcset="f1.webp 1x, f1b.webp 2x"><img srcset="f1.jpg 300w, f1l.jpg 900w">'
        '</picture><figcaption><span class="label">Figure 1</span><p>Axial CT with a mass (arrow).</p></figcaption>'
        "</figure>"
    ),
    "hidden twin": (
        '<div data-id="f1" data-content-id="f1" class="fig fig-section js-fig-section" '
        'swap-content-for-modal="true">'
        '<div class="graphic-wrap"><img class="content-image js-lazy-load-image" src="f1.jpg" alt="Axial CT">'
        '<div class="graphic-bottom"><div class="label fig-label">Figure 1.</div><div class="caption fig-caption">'
        '<p class="chapter-para">Axial CT with a mass (arrow).</p></div>'
        '<div class="ajax-articleAbstract-exclude-regex fig-orig original-slide figure-button-wrap">'
        '<a class="fig-view-orig at-figureViewLarge openInAnotherWindow btn js-view-large" href="#">Open in new '
        "tab</a>"
        '<a class="download-slide">Download slide</a></div></div></div></div>'
        '<div class="fig fig-modal reveal-modal" style="display:none"><div class="label fig-label">Figure 1.</div>'
        '<div class="caption">Axial CT with a mass (arrow).</div></div>'
    ),
    "roles": (
        '<figure id="fig1" class="graphic"><img src="f1.jpg"><figcaption><div class="core-label">'
        '<span class="heading">Figure 1.</span></div> <div role="doc-caption">Axial CT with a mass (arrow).</div>'
        "</figcaption></figure>"
    ),
    "definition list": (
        '<dl class="figure"><dt><img src="f1.jpg"></dt><dd><b>Figure 1.</b> Axial CT with a mass (arrow).</dd></dl>'
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_read_exactly(name: str, tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    for picture in PICTURES:
        start = b"RIFF\x10\0\0\0WEBPVP8 " if picture.endswith("webp") else b"\x89PNG\r\n\x1a\n"
        (tmp_path / picture).write_bytes(start + picture.encode())
    page = f"{HEAD}{LAYOUTS[name]}<p>It ended well.</p></body></html>"
    report = read_report_bytes(page.encode(), "a.html", tmp_path)
    assert report.title == "A mass"
    assert [(one.label, one.caption.text) for one in report.figures] == [("1", "Axial CT with a mass (arrow).")]
    assert report.body == "It began (Fig. 1). Then more came. It ended well."
    assert len(report.figures[0].pictures) == 1
