"""Documents (文档导入): guides and policies as DOCX, PDF, HTML or Markdown become articles; originals are sealed."""
