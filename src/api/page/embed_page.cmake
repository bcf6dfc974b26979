# cmake -DDIST=web/dist -DUNBUILT=unbuilt.html -DOPENAPI=docs/openapi.json -DOUTPUT=page_files.cpp -P embed_page.cmake
# Puts the files of the built page into the program as they are, with their gzip and brotli forms, and /openapi.json.
find_program(GZIP gzip REQUIRED)
get_filename_component(folder ${OUTPUT} DIRECTORY)
file(MAKE_DIRECTORY ${folder})

set(TYPES_html "text/html; charset=utf-8")
set(TYPES_js "text/javascript; charset=utf-8")
set(TYPES_css "text/css; charset=utf-8")
set(TYPES_svg "image/svg+xml")
set(TYPES_woff2 "font/woff2")
set(TYPES_json "application/json")
set(TYPES_png "image/png")
set(TYPES_webmanifest "application/manifest+json")

set(blobs)
set(rows)
set(count 0)

# The bytes of `file` as symbols page_N; empty views where there is no such file.
macro(add_blob file view)
  if(EXISTS "${file}")
    math(EXPR count "${count} + 1")
    string(APPEND blobs "asm(\".section .rodata\\n.balign 16\\npage_${count}:\\n.incbin \\\"${file}\\\"\\npage_${count}_end:\\n.previous\\n\");\n"
           "[[gnu::visibility(\"hidden\")]] extern const char page_${count}[] asm(\"page_${count}\");\n[[gnu::visibility(\"hidden\")]] extern const char page_${count}_end[] asm(\"page_${count}_end\");\n")
    set(${view} "view(page_${count}, page_${count}_end)")
  else()
    set(${view} "{}")
  endif()
endmacro()

function(add_file path file)
  get_filename_component(extension ${file} LAST_EXT)
  string(SUBSTRING "${extension}" 1 -1 extension)
  if(NOT DEFINED TYPES_${extension})
    return()
  endif()
  file(SHA256 "${file}" hash)
  string(SUBSTRING ${hash} 0 16 etag)
  set(immutable false)
  if(path MATCHES "^/assets/")
    set(immutable true)
  endif()
  set(zipped "${file}.gz")
  if(NOT EXISTS "${zipped}" AND NOT extension MATCHES "^(woff2|png)$")
    set(zipped "${folder}/page_${etag}.gz")
    execute_process(COMMAND ${GZIP} -9 -n -c "${file}" OUTPUT_FILE "${zipped}" COMMAND_ERROR_IS_FATAL ANY)
  endif()
  add_blob("${file}" plain)
  add_blob("${zipped}" gzip)
  add_blob("${file}.br" brotli)
  set(blobs "${blobs}" PARENT_SCOPE)
  set(count ${count} PARENT_SCOPE)
  string(APPEND rows "      {\"${path}\", \"${TYPES_${extension}}\", \"${etag}\", ${immutable}, ${plain}, ${gzip}, ${brotli}},\n")
  set(rows "${rows}" PARENT_SCOPE)
endfunction()

if(EXISTS "${DIST}/index.html")
  file(GLOB_RECURSE files RELATIVE "${DIST}" "${DIST}/*")
  list(SORT files)
  foreach(name ${files})
    if(NOT name MATCHES "\\.(gz|br)$" AND NOT name STREQUAL "files.json")
      add_file("/${name}" "${DIST}/${name}")
    endif()
  endforeach()
else()
  add_file("/index.html" "${UNBUILT}")
endif()
if(EXISTS "${OPENAPI}")
  add_file("/openapi.json" "${OPENAPI}")
endif()

file(WRITE ${OUTPUT} "#include \"api/page.hpp\"

${blobs}
namespace berth::api {
namespace {

std::string_view view(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }

}  // namespace

std::span<const PageFile> page_files() {
  static const PageFile kAll[] = {
${rows}  };
  return kAll;
}

}  // namespace berth::api
")
